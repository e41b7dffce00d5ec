using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Torch.Corpora;

/// <summary>How a corpus is written down.</summary>
public enum CorpusFormat
{
    /// <summary>By name and first bytes.</summary>
    Auto,

    /// <summary>A record per line: <c>text</c>, or <c>prompt</c> and <c>response</c>, or <c>messages</c>.</summary>
    Jsonl,

    /// <summary>A record per row, with the same columns.</summary>
    Parquet,

    /// <summary>A record per paragraph; blank lines between.</summary>
    Text,

    /// <summary>A record per source file of a folder.</summary>
    Code,
}

/// <summary>A corpus on disk: a file, or a folder whose files are read in order of their names. Hidden files are left out.</summary>
public sealed class Corpus
{
    private static readonly string[] JsonlEndings = [".jsonl", ".ndjson", ".json"], ParquetEndings = [".parquet"],
        TextEndings = [".txt", ".md", ".rst", ".text"];

    private static readonly string[] CodeEndings =
    [
        ".py", ".cpp", ".cc", ".cxx", ".c", ".h", ".hh", ".hpp", ".hxx", ".cs", ".java", ".js", ".ts", ".tsx", ".jsx", ".go", ".rs", ".rb",
        ".php", ".swift", ".kt",
        ".scala", ".jl", ".r", ".m", ".sh", ".sql", ".lua", ".hs", ".ml", ".f90", ".cu", ".pl", ".tex",
    ];

    private readonly Lazy<string> _hash;

    private Corpus(string path, CorpusFormat format, IReadOnlyList<string> files)
    {
        (Path, Format, Files) = (path, format, files);
        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>As it was given.</summary>
    public string Path { get; }

    /// <summary>Never <see cref="CorpusFormat.Auto"/>.</summary>
    public CorpusFormat Format { get; }

    /// <summary>Full paths of what is read, in order of reading.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>
    /// SHA-256 (lower-case hex) of what is read: a file's own; of a folder that of the lines <c>sha256sum</c> prints for its files, in
    /// order of name.
    /// </summary>
    public string Hash => _hash.Value;

    /// <summary>The format that a study spec names.</summary>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    public static CorpusFormat ParseFormat(string name) => name switch
    {
        "auto" => CorpusFormat.Auto,
        "jsonl" => CorpusFormat.Jsonl,
        "parquet" => CorpusFormat.Parquet,
        "text" => CorpusFormat.Text,
        "code" => CorpusFormat.Code,
        _ => throw new InvalidInputException($"The corpus format \"{name}\" is unknown; auto, jsonl, parquet, text or code is needed."),
    };

    /// <exception cref="InvalidInputException">Nothing is at <paramref name="path"/>, or nothing there is of that format.</exception>
    public static Corpus Open(string path, CorpusFormat format = CorpusFormat.Auto)
    {
        if (File.Exists(path))
            return new Corpus(path, format == CorpusFormat.Auto ? FormatOf(path) : format, [System.IO.Path.GetFullPath(path)]);
        if (!Directory.Exists(path))
            throw new InvalidInputException($"There is no corpus at \"{path}\"; a file or a folder is needed.");
        List<string> files;
        try
        {
            var root = System.IO.Path.GetFullPath(path);
            files = [.. Directory.EnumerateFiles(root, "*",
                new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false })
                .OrderBy(file => NameIn(root, file), StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"The corpus folder \"{path}\" cannot be read: {e.Message}", e);
        }
        if (format == CorpusFormat.Auto)
            format = FormatOf(files);
        var endings = format switch
        {
            CorpusFormat.Jsonl => JsonlEndings,
            CorpusFormat.Parquet => ParquetEndings,
            CorpusFormat.Text or CorpusFormat.Code => null,
            _ => throw new InvalidOperationException($"A folder of the format {format} has no files."),
        };
        if (endings is not null)
            files.RemoveAll(file => !Ends(file, endings));
        if (format == CorpusFormat.Code)
            files.RemoveAll(PlainFiles.IsBinary);
        return files.Count > 0 ? new Corpus(path, format, files)
            : throw new InvalidInputException(
                $"The corpus folder \"{path}\" holds no file to read as {format.ToString().ToLowerInvariant()}"
                + $"{(endings is null ? "" : $" ({string.Join(", ", endings)})")}.");
    }

    /// <summary>Every record that is not blank, in order. Reads as it goes.</summary>
    /// <exception cref="InvalidInputException">A line, row or file cannot be read; the message says which.</exception>
    public IEnumerable<CorpusRecord> Records() => Files.SelectMany(file => Format switch
    {
        CorpusFormat.Jsonl => JsonLines.Read(file),
        CorpusFormat.Parquet => ParquetRows.Read(file),
        CorpusFormat.Text => PlainFiles.Paragraphs(file),
        CorpusFormat.Code => PlainFiles.Whole(file),
        _ => throw new InvalidOperationException($"A corpus of the format {Format} has no records."),
    }).Where(record => !record.IsBlank);

    private static bool Ends(string file, string[] endings) => endings.Contains(System.IO.Path.GetExtension(file).ToLowerInvariant());

    private static CorpusFormat FormatOf(string file)
    {
        if (Ends(file, JsonlEndings))
            return CorpusFormat.Jsonl;
        if (Ends(file, ParquetEndings) || PlainFiles.Begins(file, "PAR1"u8))
            return CorpusFormat.Parquet;
        if (Ends(file, TextEndings))
            return CorpusFormat.Text;
        if (Ends(file, CodeEndings))
            return CorpusFormat.Code;
        throw new InvalidInputException(
            $"The format of the corpus \"{file}\" cannot be told from its name; state jsonl, parquet, text or code.");
    }

    /// <summary>A folder of data files of one kind is read as that kind; any other one is a folder of sources.</summary>
    private static CorpusFormat FormatOf(List<string> files)
    {
        if (files.Any(file => Ends(file, ParquetEndings)))
            return CorpusFormat.Parquet;
        if (files.Any(file => Ends(file, [".jsonl", ".ndjson"])))
            return CorpusFormat.Jsonl;
        return files.Count > 0 && files.All(file => Ends(file, TextEndings)) ? CorpusFormat.Text : CorpusFormat.Code;
    }

    private static string NameIn(string root, string file) => System.IO.Path.GetRelativePath(root, file).Replace('\\', '/');

    private string ComputeHash()
    {
        try
        {
            if (File.Exists(Path))
                return HashOf(Files[0]);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in Files)
                hash.AppendData(Encoding.UTF8.GetBytes($"{HashOf(file)}  {NameIn(System.IO.Path.GetFullPath(Path), file)}\n"));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"The corpus \"{Path}\" cannot be read: {e.Message}", e);
        }
    }

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
