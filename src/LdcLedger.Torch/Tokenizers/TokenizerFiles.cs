using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LdcLedger.Torch.Tokenizers;

/// <summary>The files that say how text becomes ids: tokenizer.json, and what lies beside it.</summary>
internal sealed class TokenizerFiles
{
    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token",
        "mask_token"];

    private readonly List<(string Name, byte[] Content)> _read = [];
    private readonly TokenizerJson? _config, _specialMap;

    private readonly string _folder;

    private TokenizerFiles(string file)
    {
        var folder = _folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Tokenizer = Parse(file, hashed: true)!.Value;
        _config = Parse(Path.Combine(folder, "tokenizer_config.json"), hashed: true);
        _specialMap = Parse(Path.Combine(folder, "special_tokens_map.json"), hashed: true);
        var generation = Parse(Path.Combine(folder, "generation_config.json"), hashed: false);
        var model = Parse(Path.Combine(folder, "config.json"), hashed: false);
        TokenizerJson?[] sources = [generation, model, model?.Maybe("text_config")];
        BosIds = [.. sources.SelectMany(s => Ids(s?.Maybe("bos_token_id"))).Distinct()];
        EosIds = [.. sources.SelectMany(s => Ids(s?.Maybe("eos_token_id"))).Distinct()];
    }

    public static TokenizerFiles Read(string path)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, "tokenizer.json") : path;
        if (InputEntry.At(file).IsThere)
            return new TokenizerFiles(file);
        var other = ((string[])["tokenizer.model", "vocab.json"]).FirstOrDefault(name => InputEntry.At(Path.Combine(path, name)).IsThere);
        throw new InvalidInputException(
            $"There is no tokenizer at \"{path}\"; a folder with tokenizer.json, or that file, is needed"
            + (other is null ? PathHint.ForModel(path)
                : $"; {other} is not read, but transformers' save_pretrained makes a tokenizer.json of it") + ".");
    }

    public TokenizerJson Tokenizer { get; }
    public IReadOnlyList<int> BosIds { get; }
    public IReadOnlyList<int> EosIds { get; }
    public string? BosToken => Named("bos_token")?.Content;
    public string? EosToken => Named("eos_token")?.Content;
    public bool SplitSpecialTokens => _config?.Flag("split_special_tokens", false) ?? false;

    /// <summary>The tokens that tokenizer_config.json and special_tokens_map.json name; special all of them.</summary>
    public IEnumerable<AddedToken> NamedTokens
    {
        get
        {
            foreach (var name in TokenNames)
                if (Named(name) is { } token)
                    yield return token;
            foreach (var source in new[] { _config, _specialMap })
                foreach (var name in new[] { "additional_special_tokens", "extra_special_tokens" })
                    foreach (var token in Several(source?.Maybe(name)))
                        yield return ReadNamed(token);
        }
    }

    private static IEnumerable<TokenizerJson> Several(TokenizerJson? json) => json switch
    {
        null => [],
        { Value.ValueKind: JsonValueKind.Object } map => map.Members().Select(m => m.Value),
        { } list => list.Items(),
    };

    private AddedToken? Named(string name) => (_config?.Maybe(name) ?? _specialMap?.Maybe(name)) is { } json ? ReadNamed(json) : null;

    private static AddedToken ReadNamed(TokenizerJson json) => json.Value.ValueKind == JsonValueKind.Object
        ? ReadToken(json) with { Special = true }
        : new AddedToken(json.Text(), -1, SingleWord: false, LeftStrip: false, RightStrip: false, Normalized: false, Special: true);

    public static AddedToken ReadToken(TokenizerJson json)
    {
        var special = json.Flag("special", false);
        return new AddedToken(json["content"].Text(), -1, json.Flag("single_word", false), json.Flag("lstrip", false),
            json.Flag("rstrip", false),
            json.Flag("normalized", !special), special);
    }

    /// <summary>The template that is in force: where tokenizer_config.json says add_bos_token or add_eos_token, that counts.</summary>
    public SequenceTemplate Retemplate(SequenceTemplate template, Func<string, int?> idOf)
    {
        var (before, after) = (template.Before, template.After);
        if (_config?.Maybe("add_bos_token") is { } addBos && Named("bos_token") is { } bos)
            before = addBos.Flag() ? [IdOf(bos)] : [];
        if (_config?.Maybe("add_eos_token") is { } addEos && Named("eos_token") is { } eos)
            after = addEos.Flag() ? [IdOf(eos)] : [];
        return new SequenceTemplate(before, after);

        int IdOf(AddedToken token) =>
            idOf(token.Content) ?? throw _config!.Value.Wrong($"names the token \"{token.Content}\", which is not in the vocabulary");
    }

    /// <summary>SHA-256 (hex) over the names and contents of the tokenizer's files and the ids that end a text.</summary>
    public string Hash(int[] eosIds)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in _read)
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {Convert.ToHexStringLower(SHA256.HashData(content))}\n"));
        hash.AppendData(
            Encoding.UTF8.GetBytes($"eos {string.Join(' ', eosIds.Select(id => id.ToString(CultureInfo.InvariantCulture)))}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>
    /// The chat template that is in force, as transformers looks for it: in a file of its own, else in tokenizer_config.json, else in the
    /// file of the model's processor. Null where none is stated.
    /// </summary>
    public StatedTemplate? ReadChatTemplate()
    {
        var jinja = Path.Combine(_folder, "chat_template.jinja");
        if (InputEntry.At(jinja).IsThere)
            return StatedTemplate.OfFile(jinja);
        if (Chosen(_config) is { } stated)
            return new(stated, Path.Combine(_folder, "tokenizer_config.json"), OwnFile: null);
        var processor = Path.Combine(_folder, "chat_template.json");
        return Parse(processor, hashed: false) is { } json && Chosen(json) is { } text
            ? new(text, processor, InputFile.Plain(processor)) : null;
    }

    /// <summary>One template, or several by name, of which the one called default is for conversations without tools.</summary>
    private static string? Chosen(TokenizerJson? json)
    {
        if (json?.Maybe("chat_template") is not { } stated)
            return null;
        var named = stated.Value.ValueKind switch
        {
            JsonValueKind.String => [("default", stated.Text())],
            JsonValueKind.Array => stated.Items().Select(item => (item["name"].Text(), item["template"].Text())).ToList(),
            _ => stated.Members().Select(member => (member.Name, member.Value.Text())).ToList(),
        };
        var (name, text) = named.FirstOrDefault(template => template.Item1 == "default");
        if (name is null && named.Count > 0)
            throw stated.Wrong(
                $"names the templates {string.Join(", ", named.Select(template => template.Item1))}, but none is called default");
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static IEnumerable<int> Ids(TokenizerJson? json) => json switch
    {
        null => [],
        { Value.ValueKind: JsonValueKind.Array } list => list.Items().Select(id => id.Number()),
        { } one => [one.Number()],
    };

    private TokenizerJson? Parse(string file, bool hashed)
    {
        if (!InputEntry.At(file).IsThere)
            return null;
        var root = JsonFile.Read(file, out var content).RootElement;
        if (hashed)
            _read.Add((Path.GetFileName(file), content));
        return new TokenizerJson(root, file, "");
    }
}
