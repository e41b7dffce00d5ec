using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace LdcLedger.Conventions.Tests;

/// <summary>"Floors" of src/README.md: which project may reference which, and the folders of each project from the ground up.</summary>
public sealed partial class Floors
{
    private const string Tour = "src/README.md";

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<Floor>> Listed = Read();
    private static readonly IReadOnlyList<Floor> Projects = Listed["Projects"];
    private static readonly IReadOnlyList<SourceFile> Sources = [.. Repository.Code("src/LdcLedger.").Select(SourceFile.Of)];

    // Which types a folder declares: what tells a namespace from a property of the same name.
    private static readonly ILookup<string, string> Types = Sources
        .SelectMany(s => s.Declared.Select(type => (s.Place, type))).Distinct().ToLookup(d => d.Place, d => d.type);

    [Fact]
    public void Every_folder_of_the_code_has_its_place_in_the_list_and_every_place_its_folder()
    {
        var there = Sources.Select(s => s.Place).Distinct().Order(StringComparer.Ordinal).ToList();
        var listed = Listed.Where(l => l.Key != "Projects").SelectMany(l => l.Value.Select(f => PlaceOf(l.Key, f.Name))).ToList();
        Assert.True(listed.Distinct().Count() == listed.Count, $"{Tour} lists a folder twice.");
        var (missing, gone) = (string.Join(", ", there.Except(listed)), string.Join(", ", listed.Except(there)));
        Assert.True(missing.Length == 0, $"\"Floors\" of {Tour} lacks {missing}.");
        Assert.True(gone.Length == 0, $"\"Floors\" of {Tour} lists {gone}, where no code is.");
        Assert.All(Listed.Values.SelectMany(floors => floors), f => Assert.True(f.Phrase.Length > 0, $"{f.Name} has no phrase in {Tour}."));
    }

    [Fact]
    public void A_folder_imports_only_from_folders_below_it_and_from_projects_that_its_own_may_reference()
    {
        var upward = from source in Sources
                     from imported in Imports(source)
                     where imported != source.Place
                     let why = Refusal(source.Place, imported)
                     where why is not null
                     select $"{source.File} (in {source.Place}) imports {imported}: {why}";
        var found = upward.Distinct().ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void References_between_projects_point_down()
    {
        foreach (var (i, floor) in Projects.Index())
            Assert.All(floor.On, below => Assert.True(
                Projects.Take(i).Any(p => p.Name == below), $"{Tour}: {floor.Name} is on {below}, which is not below it."));
        foreach (var file in Repository.Projects)
        {
            var floor = Projects.SingleOrDefault(p => p.Name == Short(file));
            Assert.True(floor is not null, $"\"Floors\" of {Tour} lacks the project {Short(file)}.");
            var references = XDocument.Parse(Repository.Read(file)).Descendants("ProjectReference");
            Assert.All(references.Select(r => Short(r.Attribute("Include")!.Value)), r => Assert.True(
                floor.On.Contains(r), $"{file} references {r}; {Tour} puts {floor.Name} on {string.Join(", ", floor.On)}."));
        }

        static string Short(string path) => Path.GetFileNameWithoutExtension(path)["LdcLedger.".Length..];
    }

    /// <summary>Null where it may.</summary>
    private static string? Refusal(string from, string to)
    {
        var (own, other) = (ProjectOf(from), ProjectOf(to));
        if (own != other)
            return Projects.Any(p => p.Name == own && p.On.Contains(other)) ? null : $"project {own} may not know {other}";
        var floors = Listed.GetValueOrDefault(own, []).Select(f => PlaceOf(own, f.Name)).ToList();
        return floors.IndexOf(to) is >= 0 and var below && below < floors.IndexOf(from) ? null : $"{to} is not below {from}";
    }

    private static string PlaceOf(string project, string folder) => folder == "." ? project : $"{project}/{folder}";

    private static string ProjectOf(string place) => place.Split('/')[0];

    /// <summary>The folders that a file takes something from, by a using, by a name with dots, or because they are above it.</summary>
    private static IEnumerable<string> Imports(SourceFile source)
    {
        foreach (Match used in Using().Matches(source.Code))
            if (NamespaceIn(used.Groups[1].Value) is { } place)
                yield return place;
        foreach (Match mentioned in Dotted().Matches(Using().Replace(source.Code, "")))
            if (Mentioned(source.Place, mentioned.Value.Split('.')) is { } place)
                yield return place;
        // A namespace sees those above it without a using.
        for (var above = source.Place; above.LastIndexOf('/') is >= 0 and var end;)
        {
            above = above[..end];
            if (Types[above].Any(source.Words.Contains))
                yield return above;
        }
    }

    /// <summary>The folder of the longest beginning of a name that is a namespace: Torch/Lora of <c>LdcLedger.Torch.Lora.X</c>.</summary>
    private static string? NamespaceIn(string name)
    {
        if (!name.StartsWith("LdcLedger.", StringComparison.Ordinal))
            return null;
        var place = name["LdcLedger.".Length..].Replace('.', '/');
        while (!Types.Contains(place) && place.LastIndexOf('/') is >= 0 and var end)
            place = place[..end];
        return Types.Contains(place) ? place : null;
    }

    /// <summary>The folder of a type that is named through its namespace, in full or from one of the namespaces around.</summary>
    private static string? Mentioned(string from, string[] name)
    {
        for (var around = from; ; around = around.LastIndexOf('/') is >= 0 and var end ? around[..end] : "")
        {
            string[] parts = around.Length > 0 ? [.. around.Split('/'), .. name] : name[0] == "LdcLedger" ? name[1..] : name;
            for (var length = parts.Length - 1; length > 0; length--)
            {
                var place = string.Join('/', parts[..length]);
                if (place.Length > around.Length && Types[place].Contains(parts[length]))
                    return place;
            }
            if (around.Length == 0)
                return null;
        }
    }

    [GeneratedRegex(@"^(?:global )?using (?:static )?(?:\w+ = )?(LdcLedger\.[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*(?:\.[A-Z]\w*)+")]
    private static partial Regex Dotted();

    /// <summary>Reads the lists: <c>### Project</c>, then lines like <c>- `Folder` on `Below`, `Below`: phrase</c>.</summary>
    private static Dictionary<string, IReadOnlyList<Floor>> Read()
    {
        var lists = new Dictionary<string, IReadOnlyList<Floor>>();
        foreach (var part in Section(Repository.Read(Tour), "## Floors").Split("\n### ").Skip(1))
            lists[part[..part.IndexOf('\n', StringComparison.Ordinal)].Trim()] = [.. Line().Matches(part).Select(line => new Floor(
                line.Groups["name"].Value,
                [.. Name().Matches(line.Groups["on"].Value).Select(n => n.Groups[1].Value)],
                line.Groups["phrase"].Value.Trim()))];
        return lists;

        static string Section(string text, string head)
        {
            var after = text[(text.IndexOf(head + "\n", StringComparison.Ordinal) + head.Length)..];
            return after.IndexOf("\n## ", StringComparison.Ordinal) is >= 0 and var end ? after[..end] : after;
        }
    }

    [GeneratedRegex(@"^- `(?<name>[^`]+)`(?: on (?<on>[^:]+))?:(?<phrase>.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    /// <param name="On">Of a project: those that it may reference.</param>
    private sealed record Floor(string Name, IReadOnlyList<string> On, string Phrase);

    /// <param name="Place">Project and folder: <c>Torch/Kernels/Simd</c>, or <c>Torch</c> for a file of the project's own folder.</param>
    /// <param name="Code">Without comments.</param>
    /// <param name="Declared">Names of its types.</param>
    private sealed partial record SourceFile(
        string File, string Place, string Code, IReadOnlySet<string> Words, IReadOnlyList<string> Declared)
    {
        public static SourceFile Of(string file)
        {
            var code = Comment().Replace(Repository.Read(file), "");
            var place = Path.GetDirectoryName(file)!["src/LdcLedger.".Length..].Replace('\\', '/');
            var words = Word().Matches(code).Select(w => w.Value).ToHashSet();
            return new(file, place, code, words, [.. Type().Matches(code).Select(t => t.Groups["name"].Value)]);
        }

        [GeneratedRegex(@"(?<!:)//.*$", RegexOptions.Multiline)]
        private static partial Regex Comment();

        [GeneratedRegex(@"\b[A-Z]\w*")]
        private static partial Regex Word();

        // Not those that are nested in another.
        [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|record|struct|interface|enum) (?<name>[A-Z]\w*)", RegexOptions.Multiline)]
        private static partial Regex Type();
    }
}
