using System.Globalization;
using LdcLedger.Domain;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;
using LdcLedger.Reports.Studies;
using LdcLedger.Reports.Verification;

namespace LdcLedger.Reports;

/// <summary>Why a report's file is not what a ledger gives.</summary>
/// <param name="Kind">events, root, rule, version, engine, font, words, tables, drawing, file: for scripts.</param>
/// <param name="What">A sentence without its full stop.</param>
/// <param name="Where">Of <c>words</c>; else null.</param>
public sealed record ReportDifference(string Kind, string What, WordDifference? Where = null);

/// <summary>A report's file held against the same report, built again.</summary>
public static class ReportCheck
{
    /// <summary>Every kind of difference, what may cause others before what shows them; none where the bytes are equal.</summary>
    /// <param name="facts">Of the position that the file names. A root that differs is not looked for here.</param>
    /// <param name="isOfSameEvents">
    /// Whether these are the events that the file states, as they were recorded: what others bring about is not blamed on the file.
    /// </param>
    /// <exception cref="RuleViolation">This program lacks what drew the file.</exception>
    public static IReadOnlyList<ReportDifference> Of(ReportFile file, StudyFacts facts, bool isOfSameEvents)
    {
        var stated = file.Origin;
        var engine = ReportEngine.Of(file);
        // Under the root that the file states: another one is a finding of its own, and should not hide where numbers differ.
        var document = StudyReport.Build(facts with { Root = stated.Root }, stated.Rules);
        var rebuilt = engine.Render(document);
        if (file.Bytes.AsSpan().SequenceEqual(rebuilt))
            return [];
        if (facts.Root != stated.Root && ShowsRootOf(file, facts, engine))
            return [new("file", $"its pages give this ledger's root, {facts.Root}: what it says of itself was changed")];
        var causes = Causes(file, engine, document.Origin).ToList();
        return [.. causes, .. Shown(file, rebuilt, document.Origin, isOfSameEvents, isUnexplained: isOfSameEvents && causes.Count == 0)];
    }

    private static bool ShowsRootOf(ReportFile file, StudyFacts facts, ReportEngine engine)
    {
        var document = StudyReport.Build(facts, file.Origin.Rules);
        return document.Origin.TablesSha256 == file.Origin.TablesSha256
            && file.FirstDifference(engine.Render(document), (_, _) => false) is null;
    }

    private static IEnumerable<ReportDifference> Causes(ReportFile file, ReportEngine engine, ReportOrigin now)
    {
        var stated = file.Origin;
        if (stated.LdcVersion != now.LdcVersion)
            yield return new("version",
                $"it was built by ldc {stated.LdcVersion}, and this is ldc {now.LdcVersion}, which may word or draw things otherwise");
        if (file.Engine != engine.Name)
            yield return new("engine", $"it was drawn by {file.Engine}, and here {engine.Name} draws");
        var there = now.Fonts.ToLookup(font => font.Name, font => font.Sha256);
        foreach (var font in stated.Fonts.Where(font => !there[font.Name].Contains(font.Sha256)))
            yield return new("font", there[font.Name].FirstOrDefault() is { } other
                ? $"it was set in a font {font.Name} with SHA-256 {font.Sha256}, and here that font has {other}"
                : $"it was set in the font {font.Name}, SHA-256 {font.Sha256}, which is not here");
        foreach (var font in now.Fonts.Where(font => stated.Fonts.All(other => other.Name != font.Name)))
            yield return new("font", $"here it needs the font {font.Name}, in which it was not set");
    }

    /// <param name="isUnexplained">Whether no other finding can be the reason, so that it is the file that was changed.</param>
    private static IEnumerable<ReportDifference> Shown(
        ReportFile file, byte[] rebuilt, ReportOrigin now, bool isOfSameEvents, bool isUnexplained)
    {
        var stated = file.Origin;
        var isSameData = stated.TablesSha256 == now.TablesSha256;
        var words = file.FirstDifference(rebuilt, (found, expected) => found == stated.LdcVersion && expected == now.LdcVersion);
        if (words is not null)
            yield return new("words", Sentence(words), words);
        if (!isSameData)
            yield return new("tables", words is not null
                ? $"the tables that this ledger gives are not those that it states to be made of (SHA-256 {now.TablesSha256}, "
                    + $"not {stated.TablesSha256})"
                : !isOfSameEvents
                ? "its pages say what this ledger gives, and the tables differ only in digits that are not printed: "
                    + "a changed event does that"
                : "its pages say what this ledger gives, but it states the SHA-256 of other tables"
                    + (isUnexplained ? $": what it says of itself was changed, or {AnotherBuild(now)} made it" : ""));
        // Other words bring other letters, and so other parts of the same fonts.
        var fonts = words is null ? file.OtherFonts(rebuilt) : [];
        if (fonts.Count > 0)
            yield return new("font", $"what it holds as {Plural.List(fonts)} is not what ldc puts there");
        var page = words is null ? file.FirstOtherDrawing(rebuilt) : null;
        if (page is not null)
            yield return new("drawing",
                string.Create(CultureInfo.InvariantCulture, $"page {page} is drawn otherwise, though it says the same")
                + (isOfSameEvents ? "" : ", as a changed event may do, too"));
        if (isUnexplained && words is null && page is null && fonts.Count == 0)
            yield return new("file", Rewritten(file, rebuilt));
        else if (isUnexplained && isSameData)
            yield return new("file", "the tables that it states to be made of are those of this ledger: it was changed after it was "
                + $"written, or written by {AnotherBuild(now)}");
    }

    private static string AnotherBuild(ReportOrigin now) => $"another build of ldc {now.LdcVersion}";

    private static string Rewritten(ReportFile file, byte[] rebuilt)
    {
        var isPdf = file.Format == "pdf";
        var from = file.Bytes.AsSpan().CommonPrefixLength(rebuilt) + 1;
        return string.Create(CultureInfo.InvariantCulture,
            $"it says the same{(isPdf ? " and draws the same" : "")}, and is written otherwise from byte {from} on: ")
            + (file.IsSameText(rebuilt) ? "saved again by another program"
                : isPdf ? "saved again by another program, or changed in what it says of itself"
                : "a drawing was changed, its style, or what it says of itself");
    }

    private static string Sentence(WordDifference words) => words switch
    {
        { Found: { } found, Expected: { } expected } =>
            $"{words.Place} says {found} where this ledger gives {expected}, in the line \"{Clipped(words.Line!)}\"",
        { Found: { } found, Expected: null } =>
            $"{words.Place} says {found}, in the line \"{Clipped(words.Line!)}\", where this ledger gives nothing more",
        { Found: null, Expected: { } expected } => $"{words.Place} has nothing that can be read where this ledger gives {expected}",
        { Found: null, Expected: null } => $"{words.Place} cannot be read",
    };

    private static string Clipped(string line) => line.Length <= 120 ? line : line[..120] + "…";
}
