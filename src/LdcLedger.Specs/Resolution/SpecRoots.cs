using LdcLedger.Domain;

namespace LdcLedger.Specs.Resolution;

/// <summary>
/// The folders that a spec may lead to which came from elsewhere: whoever sends one could else learn of any file that a worker may read
/// whether it is there, and its hash. A path counts as where it really leads, links followed, and so does every link below it.
/// </summary>
public sealed class SpecRoots
{
    public const string Setting = "LDC_SPEC_ROOTS";

    private const int MostLinks = 40, MostEntries = 100_000;

    private readonly IReadOnlyList<string> _roots;

    private SpecRoots(IReadOnlyList<string> roots) => _roots = roots;

    public static readonly SpecRoots None = new([]);

    /// <summary>Whether there are any.</summary>
    public bool IsEmpty => _roots.Count == 0;

    /// <summary>Those of the environment.</summary>
    public static SpecRoots FromEnvironment() => Of(Environment.GetEnvironmentVariable(Setting));

    /// <param name="text">Whole paths with colons between; null or empty: none.</param>
    /// <exception cref="RuleViolation">One is no whole path.</exception>
    public static SpecRoots Of(string? text) => new([.. (text ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(root =>
        Path.IsPathFullyQualified(root) ? root
            : throw new RuleViolation($"{Setting} names '{root}'; it names folders by their whole paths, with colons between."))]);

    /// <summary>What is said of a path that a spec may not name: the same of what is there as of what is not.</summary>
    public static string Sentence(string path) =>
        $"\"{path}\" does not lead to where specs over HTTP may lead ({Setting} on the server says where)";

    /// <summary>Whether a path, and every link below it, leads to one of the folders.</summary>
    /// <param name="path">From / on.</param>
    public bool Allow(string path)
    {
        var roots = _roots.Select(RealOf).OfType<string>().ToList();
        var (open, seen, entries) = (new Stack<string>([path]), new HashSet<string>(StringComparer.Ordinal), 0);
        while (open.TryPop(out var next))
        {
            if (RealOf(next) is not { } real || !roots.Exists(root => IsWithin(real, root)))
                return false;
            if (!seen.Add(real) || !Directory.Exists(real))
                continue;
            try
            {
                foreach (var entry in new DirectoryInfo(real).EnumerateFileSystemInfos())
                {
                    if (++entries > MostEntries)
                        return false;
                    if (entry is DirectoryInfo || entry.LinkTarget is not null)
                        open.Push(entry.FullName);
                }
            }
            catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
        return true;
    }

    // Part by part: /data/ab is not within /data/a.
    private static bool IsWithin(string path, string root) =>
        path == root || root == "/" || path.StartsWith(root + "/", StringComparison.Ordinal);

    /// <summary>A path with every link on its way followed; what is not there stays as it is. Null: the links have no end.</summary>
    private static string? RealOf(string path)
    {
        var parts = new Stack<string>(Parts(path));
        var (real, links) = ("", 0);
        while (parts.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                real = real.Length == 0 ? "" : real[..real.LastIndexOf('/')];
                continue;
            }
            var next = $"{real}/{part}";
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > MostLinks)
                return null;
            if (target.StartsWith('/'))
                real = "";
            foreach (var linked in Parts(target))
                parts.Push(linked);
        }
        return real.Length == 0 ? "/" : real;

        // The last first, as they go onto a stack.
        static IEnumerable<string> Parts(string text) => text.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse();
    }
}
