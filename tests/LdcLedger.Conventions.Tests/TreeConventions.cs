using System.Text.RegularExpressions;
using Xunit;

namespace LdcLedger.Conventions.Tests;

public sealed partial class TreeConventions
{
    private const long LargestFile = 10_000_000;
    private const int LongestLine = 140;   // as in .editorconfig, where the compiler does not look

    [Fact]
    public void Every_path_that_the_readmes_name_exists()
    {
        string[] readmes =
            ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "src/README.md", "infra/README.md", "infra/LOG.md", "tests/README.md"];
        Assert.Empty(readmes.Except(Repository.Files));
        foreach (var readme in readmes)
        {
            foreach (Match named in NamedPath().Matches(Repository.Read(readme)))
            {
                var path = named.Groups[1].Value.TrimEnd('/', '.');
                if (!path.Contains("/bin/", StringComparison.Ordinal))   // made by the build
                    Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), $"{readme} names {path}, which is not there.");
            }
        }
    }

    [GeneratedRegex(@"(?<![\w./-])((?:src|tests|infra|\.ci)/[A-Za-z0-9_./-]*[A-Za-z0-9_/])")]
    private static partial Regex NamedPath();

    [Fact]
    public void No_file_is_larger_than_ten_megabytes() =>
        Assert.All(Repository.Files, f => Assert.InRange(new FileInfo(Path.Combine(Repository.Root, f)).Length, 0, LargestFile));

    [Fact]
    public void No_source_names_a_path_of_somebody_s_machine() =>
        Assert.All(Repository.Files.Where(IsText), f => Assert.DoesNotMatch(MachinePath(), Repository.Read(f)));

    private static bool IsText(string file) =>
        Path.GetExtension(file) is ".cs" or ".sh" or ".md" or ".yaml" or ".yml" or ".csproj" or ".props" or ".json"
        && !file.StartsWith("tests/golden/", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![\w.])/(work|home)/[a-z]")]
    private static partial Regex MachinePath();

    [Fact]
    public void Lines_of_code_have_at_most_140_characters()
    {
        var longer = from file in Repository.Code("src/").Concat(Repository.Code("tests/"))
                     from line in Repository.Read(file).Split('\n').Select((text, i) => (Number: i + 1, text.TrimEnd('\r').Length))
                     where line.Length > LongestLine
                     select $"{file}:{line.Number} has {line.Length}";
        var found = longer.ToList();
        Assert.True(found.Count == 0, $"{found.Count} lines are longer than {LongestLine} characters:\n{string.Join('\n', found)}");
    }

    // Folds pass over the events of others; a sign without a spelling of its own in YAML or Markdown is itself, and without a width of
    // its own as wide as most; an exception that nobody foresaw has words of its own; the last step of a scale has no end.
    private static readonly string[] PassesOver =
    [
        "_ => run,", "_ => study,", "_ => book,", "_ => time,", "_ => c.ToString(),", "_ => rune.ToString(),", "_ => Fixed,",
        "_ => ExitCodes.Failed,", "_ => exception,",
        """_ => $"{cause.Message} ({cause.GetType().Name})",""",
        """_ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86400:N0} days"),""",
        """_ => $"{span.TotalHours.ToString("0.0", CultureInfo.InvariantCulture)} h",""",
    ];

    [Fact]
    public void No_default_arm_answers_where_words_or_numbers_reach_a_user()
    {
        var answering = from project in (string[])["Domain", "Reports", "Specs", "Cli"]
                        from file in Repository.Code($"src/LdcLedger.{project}/")
                        from Match arm in DefaultArm().Matches(Repository.Read(file))
                        where !arm.Value.Contains("throw", StringComparison.Ordinal) && !PassesOver.Contains(arm.Value.Trim())
                        select $"{file}: {arm.Value.Trim()}";
        var found = answering.ToList();
        Assert.True(found.Count == 0, $"Name every case, or throw:\n{string.Join('\n', found)}");
    }

    [GeneratedRegex(@"^ *(_ =>.*(?:\n.*throw)?|default:.*\n.*)", RegexOptions.Multiline)]
    private static partial Regex DefaultArm();

    // What Skia drew is read as Latin-1, which has no other digits.
    private const string ReadsLatinAlone = "src/LdcLedger.Reports/Pdf/SkiaPdf.cs";

    [Fact]
    public void No_pattern_takes_the_digits_of_every_script_which_nothing_here_computes_with()
    {
        var patterns = from file in Repository.Code("src/").Where(f => f != ReadsLatinAlone)
                       from line in Repository.Read(file).Split('\n')
                       where AnyDigit().IsMatch(line) || line.Contains("char.IsDigit", StringComparison.Ordinal)
                       select $"{file}: {line.Trim()}";
        var found = patterns.ToList();
        Assert.True(found.Count == 0, $"[0-9] and char.IsAsciiDigit are what is meant:\n{string.Join('\n', found)}");
    }

    [GeneratedRegex(@"\\d(?![A-Za-z@])")]
    private static partial Regex AnyDigit();

    [Fact]
    public void Tables_of_Marten_s_are_named_in_one_file() => Assert.Equal(
        ["src/LdcLedger.Ledger/Store/MartenTables.cs"],
        Repository.Code("src/").Where(f => Repository.Read(f).Contains("mt_", StringComparison.Ordinal)));

    [Fact]
    public void The_study_files_and_reference_cases_that_a_clone_needs_are_in_it()
    {
        Assert.Contains("infra/demo/models/tiny-llama/model.safetensors", Repository.Files);
        Assert.Contains("infra/demo/models/tiny-gemma3/tokenizer.json", Repository.Files);
        Assert.Equal(6, Count("infra/demo/domains/", ".jsonl"));
        Assert.True(Count("tests/golden/", "/golden.json") >= 27);

        static int Count(string under, string ending) => Repository.Files.Count(f =>
            f.StartsWith(under, StringComparison.Ordinal) && f.EndsWith(ending, StringComparison.Ordinal));
    }
}
