using System.Runtime.CompilerServices;
using Xunit;

namespace LdcLedger.Web.Tests.Views;

[Trait("Needs", "nothing")]
public sealed class KeysetTests
{
    [Fact]
    public void No_part_of_a_list_is_reached_by_counting_off_what_stands_before_it() => Assert.All(
        Sources(), file => Assert.DoesNotMatch(@"(?i)\boffset\b", File.ReadAllText(file)));

    private static IEnumerable<string> Sources([CallerFilePath] string here = "") =>
        from folder in (string[])["LdcLedger.Web", "LdcLedger.Ledger/Views"]
        from file in Directory.GetFiles(
            Path.Combine(Path.GetDirectoryName(here)!, "../../../src", folder), "*.cs", SearchOption.AllDirectories)
        where !file.Contains("/obj/", StringComparison.Ordinal)
        select file;
}
