using System.Text.RegularExpressions;
using LdcLedger.Ledger.Store;
using LdcLedger.Torch.Devices;
using Xunit;

namespace LdcLedger.Conventions.Tests;

/// <summary>Numbers that are raised by hand, and what the changelog says of them.</summary>
public sealed partial class VersionsInTheChangelog
{
    public static TheoryData<string, int> Tables => new()
    {
        { "Tables of version", TablesVersion.Current.Number }, { "Versions of the exact arithmetic", DeviceArithmetic.NewestExact },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void The_newest_of_each_table_is_the_one_that_this_program_has(string table, int newest)
    {
        var text = Repository.Read("CHANGELOG.md");
        var part = text[text.IndexOf($"## {table}", StringComparison.Ordinal)..].Split("\n## ")[0];
        Assert.Equal(Enumerable.Range(1, newest), Row().Matches(part).Select(row => int.Parse(row.Groups[1].Value, null)));
    }

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
