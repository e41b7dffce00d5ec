using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Corpora;

/// <summary>Whatever a corpus file holds, it is read or refused with a sentence, and soon.</summary>
public sealed class CorpusFuzzTests : IDisposable
{
    private static readonly int Mutations = Setting("LDC_TEST_MUTATIONS", 1000), Seed = Setting("LDC_TEST_SEED", 7919);

    private static readonly byte[] Lines = Encoding.UTF8.GetBytes(
        """
        {"text": "one é"}
        {"prompt": "a?", "response": "b"}
        {"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": [{"type": "text", "text": "A"}]}]}
        {"conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}]}
        {"instruction": "a", "input": "b", "output": "\u00e9\n"}

        """);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;

    public static TheoryData<string> Kinds => ["lines.jsonl", "list.json", "objects.json", "packed.jsonl.gz", "packed.jsonl.zst",
        "wide.jsonl", "prose.txt", "source.py", "nested.parquet"];

    private static byte[] Sample(string kind)
    {
        switch (kind)
        {
            case "lines.jsonl" or "prose.txt" or "source.py":
                return Lines;
            case "list.json":
                return Encoding.UTF8.GetBytes($"[{Encoding.UTF8.GetString(Lines).Trim().Replace("\n", ",\n", StringComparison.Ordinal)}]");
            case "objects.json":
                return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Lines).Replace("{\"", "{\n\"", StringComparison.Ordinal));
            case "packed.jsonl.gz":
                using (var packed = new MemoryStream())
                {
                    using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
                        gzip.Write(Lines);
                    return packed.ToArray();
                }
            case "packed.jsonl.zst":
                using (var compressor = new ZstdSharp.Compressor())
                    return compressor.Wrap(Lines).ToArray();
            case "wide.jsonl":
                return [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(Lines))];
            case "nested.parquet":
                return File.ReadAllBytes(RepositoryFiles.Golden("corpora", "messages-page-v2.parquet"));
            default:
                throw new ArgumentException($"There is no sample of {kind}.", nameof(kind));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_damaged_corpus_is_read_or_refused_with_a_sentence(string kind)
    {
        var (sample, random) = (Sample(kind), new Random(kind.Length * Seed));
        for (var i = 0; i < Mutations; i++)
        {
            var damaged = Damaged(sample, random);
            var clock = Stopwatch.StartNew();
            try
            {
                _ = Corpus.Open(_folder.File(kind, damaged)).Records(new BadRecords()).Count();
            }
            catch (InvalidInputException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
                Assert.Contains(kind, refused.Message, StringComparison.Ordinal);
            }
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"mutation {i} took {clock.Elapsed}");
        }
    }

    private static byte[] Damaged(byte[] sample, Random random)
    {
        var bytes = sample.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count), 1));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(new string("\"{}[],:\\\n\0"[random.Next(10)], random.Next(1, 4))));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(10) == 0 ? bytes.Count - at : 0);
                    break;
            }
        }
        return [.. bytes];
    }
}
