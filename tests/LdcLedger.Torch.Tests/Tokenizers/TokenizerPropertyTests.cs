using System.Text.Json;
using CsCheck;
using LdcLedger.Torch.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Tokenizers;

public sealed class TokenizerPropertyTests
{
    private static readonly Tokenizer ByteLevel = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "llama3-style"));
    private static readonly Tokenizer Sentence = Tokenizer.Load(RepositoryFiles.Golden("tokenizers", "gemma3-style"));

    private static readonly Gen<string> Signs = Gen.OneOf(
        Gen.Int[0x20, 0x7E], Gen.Int[0x20, 0x7E], Gen.OneOfConst((int)' ', '\n', '\r', '\t', '\'', 0xA0, 0x2581, 0x301, 0x200D, 0xFEFF),
        Gen.Int[0, 0xD7FF], Gen.Int[0xE000, 0xFFFF], Gen.Int[0x10000, 0x10FFFF]).Select(char.ConvertFromUtf32);
    private static readonly Gen<string> Words = Gen.OneOfConst("the ", " and", "return", "aaaa", "  ", "\n\n", "12345", "<|eot_id|>",
        "<bos>", "日本", "😀");
    private static readonly Gen<string> Text = Gen.OneOf(Signs, Words).List[0, 40].Select(string.Concat);

    [Fact]
    public void Whatever_is_encoded_at_byte_level_decodes_to_itself() =>
        Text.Sample(text => ByteLevel.Decode(ByteLevel.Encode(text, addSpecial: false)) == text, iter: 3000);

    [Fact]
    public void Whatever_is_encoded_with_byte_fallback_decodes_to_itself() =>
        Text.Where(text => !text.Contains('▁'))
            .Sample(text => Sentence.Decode(Sentence.Encode(text, addSpecial: false)) == text, iter: 3000);

    [Fact]
    public void Cutting_and_caching_changes_no_id()
    {
        var plain = new PlainBytePairs(RepositoryFiles.Golden("tokenizers", "gemma3-style", "tokenizer.json"));
        Text.Where(text => !text.Contains('<') && !text.Contains('\n') && !text.Contains("▁▁")).Sample(text =>
            Sentence.Encode(text, addSpecial: false).SequenceEqual(plain.Encode(text.Replace(' ', '▁'))), iter: 1500);
    }

    /// <summary>Byte-pair encoding as one writes it down first: look at all pairs, merge the best, again.</summary>
    private sealed class PlainBytePairs
    {
        private readonly Dictionary<string, int> _ids;
        private readonly Dictionary<(string, string), int> _ranks = [];

        public PlainBytePairs(string file)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var model = json.RootElement.GetProperty("model");
            _ids = model.GetProperty("vocab").EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetInt32());
            foreach (var merge in model.GetProperty("merges").EnumerateArray())
                _ranks.Add((merge[0].GetString()!, merge[1].GetString()!), _ranks.Count);
        }

        public IEnumerable<int> Encode(string text)
        {
            var parts = text.EnumerateRunes().SelectMany(r => _ids.ContainsKey(r.ToString()) ? [r.ToString()]
                : System.Text.Encoding.UTF8.GetBytes(r.ToString()).Select(b => $"<0x{b:X2}>")).ToList();
            while (true)
            {
                var best = Enumerable.Range(0, Math.Max(0, parts.Count - 1)).Where(i => _ranks.ContainsKey((parts[i], parts[i + 1])))
                    .OrderBy(i => _ranks[(parts[i], parts[i + 1])]).ThenBy(i => i).Select(i => (int?)i).FirstOrDefault();
                if (best is not { } at)
                    return parts.Select(p => _ids[p]);
                parts[at] += parts[at + 1];
                parts.RemoveAt(at + 1);
            }
        }
    }
}
