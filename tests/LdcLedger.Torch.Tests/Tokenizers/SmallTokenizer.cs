using System.Text.Json.Nodes;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Tests.Tokenizers;

/// <summary>Writes a tokenizer.json of a few tokens, changed as a test wants, and loads it.</summary>
internal sealed class SmallTokenizer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-tokenizer-").FullName;

    /// <summary>Tokens: the letters, digits and some signs; "▁" and "Ġ"; "ab", "bc", "abc" with merges; &lt;unk&gt;.</summary>
    public JsonObject Json { get; } = new()
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray(),
        ["normalizer"] = null,
        ["pre_tokenizer"] = null,
        ["post_processor"] = null,
        ["decoder"] = null,
        ["model"] = new JsonObject
        {
            ["type"] = "BPE", ["unk_token"] = "<unk>", ["fuse_unk"] = false, ["byte_fallback"] = false,
            ["vocab"] = Vocabulary(),
            ["merges"] = new JsonArray("b c", "a b", "a bc"),
        },
    };

    private static JsonObject Vocabulary()
    {
        var tokens = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 .,-!▁Ġé²\n".Select(c => c.ToString()).Concat(["<unk>", "ab", "bc", "abc"]);
        return new JsonObject(tokens.Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id)));
    }

    public JsonObject Model => (JsonObject)Json["model"]!;

    public SmallTokenizer With(string member, string json)
    {
        Json[member] = JsonNode.Parse(json);
        return this;
    }

    public SmallTokenizer WithFile(string name, string content)
    {
        File.WriteAllText(Path.Combine(_folder, name), content);
        return this;
    }

    public Tokenizer Load()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), Json.ToJsonString());
        return Tokenizer.Load(_folder);
    }

    /// <summary>The tokens of a text, joined by bars.</summary>
    public string Tokens(string text, bool addSpecial = false)
    {
        var tokenizer = Load();
        return string.Join('|', tokenizer.Encode(text, addSpecial).Select(tokenizer.TokenOf));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
