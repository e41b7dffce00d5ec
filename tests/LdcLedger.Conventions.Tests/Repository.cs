using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace LdcLedger.Conventions.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>Every file that git tracks or would track, relative to the root, with forward slashes.</summary>
    public static readonly IReadOnlyList<string> Files = ListFiles();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The project files of src.</summary>
    public static IEnumerable<string> Projects => Files.Where(f =>
        f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal));

    /// <summary>The C# files under a path.</summary>
    public static IEnumerable<string> Code(string under) => Files.Where(f =>
        f.StartsWith(under, StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new FileInfo(here).Directory;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LdcLedger.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"No LdcLedger.sln above {here}.");
    }

    private static List<string> ListFiles()
    {
        string[] arguments = ["-c", $"safe.directory={Root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
