using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>What <c>study reproduce</c> and <c>run reproduce</c> say of themselves, where it is not the usual: all bits equal.</summary>
public sealed class ReproductionVerbTests(FinishedStudy finished)
{
    [Fact]
    public async Task A_statement_claims_no_more_than_was_compared_and_a_bad_place_for_temporary_files_is_told()
    {
        var (study, _) = await finished.CopyAsync();
        using var _ = study;
        var libtorch = new Dictionary<string, string>(study.Settings) { ["LDC_LIBTORCH"] = "" };
        var nowhere = new Dictionary<string, string>(study.Settings) { ["TMPDIR"] = study["nowhere"] };

        var bits = await study.Ask("study", "reproduce", "small", "--sample", "9");
        var near = await study.With(libtorch, "study", "reproduce", "small", "--sample", "9", "--device", "cpu:torch");
        var placeless = await study.With(nowhere, "study", "reproduce", "small", "--sample", "1");

        Assert.Equal((0, 0), (bits.Code, near.Code));
        Assert.Matches(@"compared  \d+ values: .* and 6 files by SHA-256\n", Regex.Replace(bits.Out, @"(?<=\d),(?=\d)", ""));
        Assert.Contains("; files only where both arithmetics are the same exact one\n", near.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("SHA-256\n", near.Out, StringComparison.Ordinal);
        Assert.Equal(2, placeless.Code);
        Assert.Contains("is the folder of temporary files, and nothing can be made in it", placeless.Err, StringComparison.Ordinal);
    }
}
