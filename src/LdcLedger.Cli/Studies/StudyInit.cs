using System.CommandLine;
using LdcLedger.Cli.Terminal;

namespace LdcLedger.Cli.Studies;

/// <summary><c>ldc study init DIR</c>: a commented spec, a tiny model and two corpora that run as they are.</summary>
internal static class StudyInit
{
    private static readonly Argument<string> Dir = new("DIR")
    {
        Description = "The folder to write to; it is created, or must not hold a study.yaml.",
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() =>
        new("init", "Write a commented study spec with a tiny model and two sample corpora; it runs as it is.", Run, Dir, Json)
    {
        Examples =
        [
            "ldc study init my-study",
            "ldc study run my-study/study.yaml",
        ],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var folder = OutFolder.At(arguments.GetValue(Dir)!);
        var spec = Path.Combine(folder, "study.yaml");
        if (File.Exists(spec))
            throw new BadInputException($"{spec} exists and is left as it is; name another folder.");
        var written = Write(folder);
        var here = Path.GetRelativePath(Environment.CurrentDirectory, spec) is var near && near.StartsWith("..", StringComparison.Ordinal)
            ? spec
            : near;
        if (arguments.GetValue(Json))
            Screen.PrintJson(new { spec, files = written });
        else
        {
            Screen.Print(spec);
            Screen.Say($"Next: `ldc study run {here}`. Your own study takes two edits: the path of a model and the path of a domain.");
        }
        return Task.FromResult(ExitCodes.Done);
    }

    /// <summary>Writes the sample study; files that are there stay as they are.</summary>
    /// <returns>What was written, the spec last: a folder with a spec is whole.</returns>
    internal static List<string> Write(string folder)
    {
        var spec = Path.Combine(folder, "study.yaml");
        var written = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Samples, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var target = Path.Combine(folder, Path.GetRelativePath(Samples, file));
            if (target == spec || File.Exists(target))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            written.Add(target);
        }
        var name = Specs.SpecFile.NameFrom(folder + ".yaml");
        File.WriteAllText(spec, File.ReadAllText(Path.Combine(Samples, "study.yaml")).Replace("{NAME}", name, StringComparison.Ordinal));
        written.Add(spec);
        return written;
    }

    private static string Samples => Path.Combine(AppContext.BaseDirectory, "samples");

}
