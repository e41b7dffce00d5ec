using System.Text.Json.Nodes;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>
/// Templates as models state them, and the text that Hugging Face's apply_chat_template makes of them (without the generation prompt; the
/// tokenizer adds BOS).
/// </summary>
public sealed class ChatTemplateTests
{
    private const string ChatMl =
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}";

    // meta-llama/Meta-Llama-3-8B-Instruct
    private const string Llama3 =
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + "
        + "'<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + "
        + "content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>"
        + "\\n\\n' }}{% endif %}";

    // The parts of meta-llama/Llama-3.2-1B-Instruct's that matter without tools, in its own spelling.
    private const string Llama32 = """
        {{- bos_token }}
        {%- if not date_string is defined %}
            {%- if strftime_now is defined %}
                {%- set date_string = strftime_now("%d %b %Y") %}
            {%- else %}
                {%- set date_string = "26 Jul 2024" %}
            {%- endif %}
        {%- endif %}
        {%- if messages[0]['role'] == 'system' %}
            {%- set system_message = messages[0]['content']|trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set system_message = "" %}
        {%- endif %}
        {{- "<|start_header_id|>system<|end_header_id|>\n\n" }}
        {%- if tools is not none %}
            {{- "Environment: ipython\n" }}
        {%- endif %}
        {{- "Cutting Knowledge Date: December 2023\n" }}
        {{- "Today Date: " + date_string + "\n\n" }}
        {{- system_message }}
        {{- "<|eot_id|>" }}
        {%- for message in messages %}
            {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}
        {%- endfor %}
        """;

    // google/gemma-3-1b-it, without its check of roles
    private const string Gemma3 = """
        {{ bos_token }}
        {%- if messages[0]['role'] == 'system' -%}
            {%- if messages[0]['content'] is string -%}
                {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
            {%- else -%}
                {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\n\n' -%}
            {%- endif -%}
            {%- set loop_messages = messages[1:] -%}
        {%- endif -%}
        {%- for message in loop_messages -%}
            {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else "") }}
            {%- if message['content'] is string -%}
                {{ message['content'] | trim }}
            {%- elif item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- endif -%}
            {{ '<end_of_turn>\n' }}
        {%- endfor -%}
        """;

    // The parts of Qwen/Qwen2.5-0.5B-Instruct's that matter without tools.
    private const string Qwen25 = """
        {%- if tools %}
            {{- '<|im_start|>system\n' }}
            {{- "\n\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n<tools>" }}
        {%- else %}
            {%- if messages[0]['role'] == 'system' %}
                {{- '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}
            {%- else %}
                {{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n' }}
            {%- endif %}
        {%- endif %}
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
        {%- endfor %}
        """;

    private static readonly CorpusRecord Talk = new CorpusRecord.Conversation(
        [new Turn("system", " Be brief. "), new Turn("user", "One? "), new Turn("assistant", " Two. ")], "here");
    private static readonly CorpusRecord Answered = new CorpusRecord.Answered("One? ", " Two. ", "here");

    private static DocumentTemplate Read(string template, string model = "tiny-llama")
    {
        using var folder = ModelFolder.Demo(model).Write("chat_template.jinja", template);
        return DocumentTemplate.Read("chat", Tokenizer.Load(folder.Path));
    }

    private static string Text(DocumentTemplate template, CorpusRecord record) =>
        string.Concat(template.Render(record).Select(s => s.Text));

    private static string Refusal(string template, string model = "tiny-llama") =>
        Assert.Throws<InvalidInputException>(() => Read(template, model)).Message;

    [Fact]
    public void ChatML_is_written_as_it_stands()
    {
        var template = Read(ChatMl);

        Assert.Equal("<|im_start|>system\n Be brief. <|im_end|>\n<|im_start|>user\nOne? <|im_end|>\n<|im_start|>assistant\n Two. "
            + "<|im_end|>\n", Text(template, Talk));
        Assert.Equal(" Two. <|im_end|>", string.Concat(template.Render(Talk).Where(s => s.Answer).Select(s => s.Text)));
        Assert.Contains("writes <|im_start|>, which is no token of this tokenizer", Assert.Single(template.Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public void ChatML_with_a_system_s_words_of_its_own_has_them_where_a_conversation_has_none()
    {
        Assert.Equal("<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
            + "<|im_start|>user\nOne? <|im_end|>\n<|im_start|>assistant\n Two. <|im_end|>\n", Text(Read(Qwen25), Answered));
        Assert.StartsWith("<|im_start|>system\n Be brief. <|im_end|>\n<|im_start|>user", Text(Read(Qwen25), Talk),
            StringComparison.Ordinal);

        var set = "{% set system_message = 'You are helpful.\\nBe kind.' %}" + ChatMl;
        Assert.StartsWith("<|im_start|>system\nYou are helpful.\nBe kind.<|im_end|>\n<|im_start|>user", Text(Read(set), Answered),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Llama_3_trims_what_is_said()
    {
        var template = Read(Llama3);

        Assert.Equal("<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nOne?"
            + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nTwo.<|eot_id|>", Text(template, Talk));
        Assert.Empty(template.Notes);
    }

    [Fact]
    public void Llama_3_2_begins_with_the_dates_also_where_there_is_no_word_of_the_system_s()
    {
        var template = Read(Llama32);
        const string dates =
            "<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

        Assert.Equal(dates + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nOne?<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\nTwo.<|eot_id|>", Text(template, Answered));
        Assert.StartsWith(dates + "Be brief.<|eot_id|>", Text(template, Talk), StringComparison.Ordinal);
        Assert.Contains("its own default, 26 Jul 2024, stands in its place", Assert.Single(template.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Gemma_3_puts_the_system_s_words_untrimmed_before_the_user_s()
    {
        Assert.Equal("<start_of_turn>user\n Be brief. \n\nOne?<end_of_turn>\n<start_of_turn>model\nTwo.<end_of_turn>\n",
            Text(Read(Gemma3, "tiny-gemma3"), Talk));
    }

    [Theory]
    [InlineData("{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}", "is of no known format")]
    [InlineData("<|im_start|>{{ m }}<|im_end|>\n<|start_header_id|><|eot_id|>", "has the marks of Llama 3 and ChatML")]
    [InlineData("{{ '<|im_start|>' + m.role + '<|im_sep|>' + m.content + '<|im_end|>\\n' }}", "but <|im_sep|>, too")]
    [InlineData("{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' }}", "but no line feed after <|im_end|>")]
    [InlineData("{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{{ '<think>' }}", "but <think>, too")]
    [InlineData("{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' + m.content + '<|eot_id|>\\n' }}", "but a line feed after")]
    [InlineData("<|im_start|>system\nToday is {{ strftime_now('%Y') }}<|im_end|>\n", "writes the current date")]
    [InlineData("{{ \"<|im_start|>system\nYou're kind.<|im_end|>\n\" }}", "cannot be told apart from its code")]
    public void A_template_that_cannot_be_told_for_certain_is_refused(string template, string says)
    {
        var refusal = Refusal(template);

        Assert.Contains(says, refusal, StringComparison.Ordinal);
        Assert.EndsWith("those of Llama 3, Gemma 3 and ChatML are read; a text template does without.", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_is_found_wherever_the_model_s_files_state_it()
    {
        using var folder = ModelFolder.Demo();
        string Turns() => Text(DocumentTemplate.Read("chat", Tokenizer.Load(folder.Path)), Answered)[..12];
        Assert.Equal("<|start_head", Turns());                      // none is stated: the tokens tell

        folder.Json("chat_template.json", json => json["chat_template"] = ChatMl);
        Assert.Equal("<|im_start|>", Turns());
        folder.Json("tokenizer_config.json", json => json["chat_template"] = new JsonArray(
            new JsonObject { ["name"] = "tool_use", ["template"] = ChatMl },
            new JsonObject { ["name"] = "default", ["template"] = Llama3 }));
        Assert.Equal("<|start_head", Turns());
        folder.Write("chat_template.jinja", "\uFEFF" + ChatMl);
        Assert.Equal("<|im_start|>", Turns());

        File.Delete(folder["chat_template.jinja"]);
        folder.Json("tokenizer_config.json", json => json["chat_template"] = new JsonArray(
            new JsonObject { ["name"] = "rag", ["template"] = Llama3 }));
        Assert.Contains("names the templates rag, but none is called default", Assert.Throws<InvalidInputException>(Turns).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_its_own_is_part_of_the_tokenizer_s_hash_where_it_is_used_and_only_there()
    {
        using var folder = ModelFolder.Demo();
        string Hash(string template) => DocumentTemplate.TokenizerHash(template, Tokenizer.Load(folder.Path));
        var (text, chat) = (Hash("{response}"), Hash("chat"));
        Assert.Equal(text, chat);

        folder.Write("chat_template.jinja", ChatMl);
        var first = Hash("chat");
        folder.Write("chat_template.jinja", Llama3);

        Assert.Equal(3, new[] { chat, first, Hash("chat") }.Distinct().Count());
        Assert.Equal(text, Hash("{response}"));
    }

    [Fact]
    public void Where_none_is_stated_the_tokens_must_be_those_of_one_format()
    {
        using var folder = ModelFolder.Demo();
        folder.Json("tokenizer_config.json", json => json["additional_special_tokens"] = new JsonArray("<|im_start|>", "<|im_end|>"));

        Assert.Contains("states none, and its tokenizer has the marks of Llama 3 and ChatML",
            Assert.Throws<InvalidInputException>(() => DocumentTemplate.Read("chat", Tokenizer.Load(folder.Path))).Message,
            StringComparison.Ordinal);
    }
}
