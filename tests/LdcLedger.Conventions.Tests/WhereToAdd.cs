using System.Reflection;
using System.Text.RegularExpressions;
using LdcLedger.Domain.Identity;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Specs;
using Xunit;
using Projection = LdcLedger.Torch.Models.Projection;

namespace LdcLedger.Conventions.Tests;

/// <summary>"Where to add" of the README and "How to add" of CONTRIBUTING: places that exist, held by tests that exist.</summary>
public sealed partial class WhereToAdd
{
    private static readonly string Readme = Repository.Read("README.md");
    private static readonly string Contributing = Repository.Read("CONTRIBUTING.md");

    // Each thing, its number of places, and the places.
    private static readonly IReadOnlyList<(string Thing, int Count, string Places)> Lines =
        [.. Line().Matches(After(Readme, "### Where to add")).Select(m => (
            m.Groups["thing"].Value, int.Parse(m.Groups["count"].Value, null),
            Whitespace().Replace(m.Groups["places"].Value, " ").Trim()))];

    public static TheoryData<string> Things => [.. Lines.Select(l => l.Thing)];

    [Fact]
    public void The_readme_lists_what_contributing_explains_in_the_same_order() => Assert.Equal(
        Heads().Matches(Part("## How to add")).Select(m => m.Groups[1].Value), Lines.Select(l => l.Thing));

    [Theory]
    [MemberData(nameof(Things))]
    public void A_thing_has_as_many_places_as_the_readme_says(string thing)
    {
        var (_, count, places) = Lines.Single(l => l.Thing == thing);
        var steps = Step().Matches(Explained(thing)).Select(m => int.Parse(m.Groups[1].Value, null)).ToList();
        Assert.Equal(Enumerable.Range(1, count), steps);
        // Its places in one sentence, a semicolon between two; a file that holds two of them is named once.
        var sentence = places[..Sentence().Match(places).Index];
        Assert.Equal(count, sentence.Split(';').Sum(place => place.Contains("both in", StringComparison.Ordinal) ? 2 : 1));
    }

    [Theory]
    [MemberData(nameof(Things))]
    public void Every_file_that_the_readme_names_for_a_thing_is_there_and_explained(string thing)
    {
        foreach (Match quoted in Quoted().Matches(Lines.Single(l => l.Thing == thing).Places))
        {
            var path = quoted.Groups[1].Value;
            Assert.Contains(path, Explained(thing), StringComparison.Ordinal);
            if (path.Contains('/') || path.Contains('.'))
                Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"README: {thing} names {path}, which is not there.");
            else
                Assert.True(Repository.Code("src/").Any(f => Declares(f, path)), $"README: {thing} names {path}, which no file declares.");
        }
    }

    [Theory]
    [MemberData(nameof(Things))]
    public void The_tests_that_hold_a_thing_exist(string thing)
    {
        var tests = Test().Matches(Explained(thing)).Select(m => (Class: m.Groups["class"].Value, Name: m.Groups["name"].Value)).ToList();
        Assert.True(tests.Count > 0, $"CONTRIBUTING names no test that holds {thing}.");
        Assert.All(tests, test => Assert.True(
            Repository.Code("tests/").Any(f => Declares(f, test.Class)
                && Repository.Read(f).Contains($" {test.Name}(", StringComparison.Ordinal)),
            $"CONTRIBUTING names {test.Class}.{test.Name}, which is not there."));
    }

    [Fact]
    public void The_engine_that_the_default_build_leaves_out_draws_every_block_too()
    {
        var document = Repository.Read("src/LdcLedger.Reports/Documents/ReportDocument.cs");
        var blocks = Block().Matches(document).Select(m => m.Groups[1].Value).ToList();
        var engine = Repository.Read("src/LdcLedger.Reports/Quest/QuestBlocks.cs");
        Assert.Contains("ReportTable", blocks);
        Assert.All(blocks, block => Assert.Contains($"QuestBlock Draw({block} block)", engine, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^    T Draw\((\w+) block\);", RegexOptions.Multiline)]
    private static partial Regex Block();

    [Fact]
    public void The_two_tables_of_projections_agree()
    {
        Assert.Equal(Projections.All, Projection.All.Select(p => p.Name));
        Assert.All(Regimes.Every, regime => Assert.Equal(Projections.Of(regime), Projection.NamesIn(regime)));
    }

    public static TheoryData<string, string> Keys => [.. from section in Sections
                                                         from key in section.GetProperties()
                                                         where !key.GetMethod!.IsStatic
                                                         select (section.Name, key.Name)];

    private static readonly Type[] Sections =
        [typeof(StudySpec), typeof(LoraSpec), typeof(DataSpec), typeof(TrainingSpec), typeof(EvaluationSpec), typeof(Stage2Spec)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_of_the_spec_has_a_first_default_and_is_read_printed_and_described(string section, string field)
    {
        var property = Sections.Single(s => s.Name == section).GetProperty(field)!;
        Assert.True(
            property.GetCustomAttribute<FirstDefaultAttribute>() is not null
                || property.GetCustomAttribute<NoIdentityAttribute>() is not null
                || Sections.Contains(property.PropertyType),
            $"{section}.{field} has no FirstDefault: it would change the ids of every study.");
        var key = Capital().Replace(field, m => (m.Index > 0 ? "_" : "") + m.Value.ToLowerInvariant());
        var reader = Repository.Code("src/").Single(f => f.EndsWith("/SpecFile.cs", StringComparison.Ordinal));
        Assert.Contains($"\"{key}\"", Repository.Read(reader), StringComparison.Ordinal);
        Assert.Matches($@"\b{key}:[ ""]", Repository.Read("src/LdcLedger.Reports/Studies/SpecText.cs"));
        Assert.Contains($"{key}: ", After(Readme, "### The study spec"), StringComparison.Ordinal);
    }

    private static bool Declares(string file, string type) =>
        Regex.IsMatch(Repository.Read(file), $@"\b(class|record|interface|enum) {type}\b");

    private static string Explained(string thing) => After(Part("## How to add"), $"### {thing}\n");

    /// <summary>A section of CONTRIBUTING with its subsections.</summary>
    private static string Part(string head)
    {
        var part = Contributing[Contributing.IndexOf(head, StringComparison.Ordinal)..];
        return part[..part.IndexOf("\n## ", StringComparison.Ordinal)];
    }

    /// <summary>From a heading to the next.</summary>
    private static string After(string text, string head)
    {
        var part = text[(text.IndexOf(head, StringComparison.Ordinal) + head.Length)..];
        return NextHead().Match(part) is { Success: true } next ? part[..next.Index] : part;
    }

    [GeneratedRegex(@"^- \*\*(?<thing>[^*]+)\*\* \((?<count>\d+)\): (?<places>(?:.|\n(?!- |\n|#))+)", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^### (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heads();

    [GeneratedRegex(@"^(\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"\.(?: [A-Z]|$)")]
    private static partial Regex Sentence();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"`(?<class>[A-Z]\w+)\.(?<name>[A-Z]\w*_\w+)`")]
    private static partial Regex Test();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();

    [GeneratedRegex(@"^##+ ", RegexOptions.Multiline)]
    private static partial Regex NextHead();
}
