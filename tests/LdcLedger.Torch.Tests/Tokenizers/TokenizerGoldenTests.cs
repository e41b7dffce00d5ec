using LdcLedger.Torch.Golden;
using Xunit;

namespace LdcLedger.Torch.Tests.Tokenizers;

public sealed class TokenizerGoldenTests
{
    [Theory]
    [InlineData("llama3-style")]
    [InlineData("llama3-style-old-merges")]
    [InlineData("gemma3-style")]
    public void Every_id_and_every_decoded_text_equals_the_reference(string name)
    {
        var checks = TokenizerCase.Verify(RepositoryFiles.Golden("tokenizers", name));

        Assert.All(checks, check => Assert.True(check.Pass, $"{check.Tensor}: {check.Error} differences"));
        Assert.Equal(0, checks.Count % 4);
    }

    [Fact]
    public void A_changed_id_is_found()
    {
        var folder = Directory.CreateTempSubdirectory("ldc-tokenizer-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(RepositoryFiles.Golden("tokenizers", "llama3-style")))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            var cases = Path.Combine(folder, "cases.jsonl");
            File.WriteAllLines(cases, File.ReadAllLines(cases)
                .Select((line, i) => i == 6 ? line.Replace("\"ids\": [2040, ", "\"ids\": [2041, ", StringComparison.Ordinal) : line));

            var failed = Assert.Single(TokenizerCase.Verify(folder), check => !check.Pass);

            Assert.Equal("line 7 ids", failed.Tensor);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
