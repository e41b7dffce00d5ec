using System.Runtime.CompilerServices;
using System.Text;
using LdcLedger.Ledger.Exchange;
using Xunit;

namespace LdcLedger.Ledger.Tests.Exchange;

[Trait("Needs", "nothing")]
public sealed class StudyFilesPageTests
{
    private static readonly string Page = FindPage();

    [Fact]
    public void The_page_about_files_of_studies_lists_every_field_of_every_event_as_it_is()
    {
        var page = File.ReadAllText(Page);
        var hand = page[..(page.IndexOf(StudyFilesPage.Mark, StringComparison.Ordinal) + StudyFilesPage.Mark.Length)] + "\n";
        if (Environment.GetEnvironmentVariable("LDC_ACCEPT_GOLDEN") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(Page)), hand + StudyFilesPage.Generated());
        Assert.Equal(hand + StudyFilesPage.Generated(), page);
    }

    [Fact]
    public async Task The_example_of_the_page_is_a_file_that_can_be_imported()
    {
        var page = await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken);
        var begin = page.IndexOf("```jsonl\n", StringComparison.Ordinal) + "```jsonl\n".Length;
        var example = page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)];
        var part = Assert.Single(await StudyFile.ReadAsync(
            new MemoryStream(Encoding.UTF8.GetBytes(example)), "the example", unchained: true, (_, _, _) => Task.CompletedTask,
            TestContext.Current.CancellationToken));
        Assert.True(part.Position >= 9);
    }

    private static string FindPage([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "infra", "study-files.md"));
}
