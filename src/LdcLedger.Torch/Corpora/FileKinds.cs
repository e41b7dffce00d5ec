namespace LdcLedger.Torch.Corpora;

/// <summary>What a file of a corpus is, by its name.</summary>
internal enum FileKind
{
    /// <summary>Records by its name.</summary>
    Jsonl,

    /// <summary>Records or anything else: its content tells.</summary>
    Json,

    Parquet,

    Prose,

    Source,

    /// <summary>Tells of the files beside it: a README, a licence, checksums, what a writer of data sets notes down.</summary>
    About,

    /// <summary>Data in a form that is not read.</summary>
    Foreign,

    Other,
}

/// <summary>Names of files, and what they say.</summary>
internal static class FileKinds
{
    private static readonly HashSet<string> Packed = [".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".lz4", ".zip", ".7z"];

    public static readonly string[] JsonlEndings = [".jsonl", ".ndjson", ".json"], ParquetEndings = [".parquet"];

    private static readonly HashSet<string> Prose = [".txt", ".md", ".rst", ".text"];

    private static readonly HashSet<string> Source =
    [
        ".py", ".pyi", ".cpp", ".cc", ".cxx", ".c", ".h", ".hh", ".hpp", ".hxx", ".inl", ".cs", ".fs", ".vb", ".java", ".js",
        ".mjs", ".cjs",
        ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".go", ".rs", ".rb", ".php", ".swift", ".kt", ".kts", ".groovy", ".dart", ".ex", ".exs",
        ".erl", ".clj", ".zig", ".nim", ".scala", ".jl", ".r", ".m", ".mm", ".sh", ".bash", ".ps1", ".sql", ".lua", ".hs", ".ml", ".mli",
        ".f", ".f90", ".f95", ".cu", ".cuh", ".pl", ".pm", ".asm", ".s", ".v", ".sv", ".vhd", ".vhdl", ".proto", ".tex", ".css", ".scss",
    ];

    private static readonly HashSet<string> Foreign =
    [
        ".csv", ".tsv", ".xls", ".xlsx", ".ods", ".arrow", ".feather", ".avro", ".orc", ".h5", ".hdf5", ".npy", ".npz", ".pkl", ".pickle",
        ".pt", ".bin", ".safetensors", ".sqlite", ".db", ".tar", ".tgz", ".gz", ".zst", ".zip", ".rar", ".7z", ".xz", ".bz2",
        ".lz4", ".pdf",
        ".doc", ".docx", ".epub",
    ];

    private static readonly string[] AboutStems =
        ["readme", "license", "licence", "copying", "notice", "changelog", "changes", "contributing", "citation", "authors",
            "code_of_conduct"];

    private static readonly HashSet<string> AboutNames =
    [
        "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "croissant.json", "datapackage.json", "_success",
        "_metadata", "_common_metadata", "sha256sums", "md5sums", "checksums.txt", "manifest.json",
    ];

    private static readonly HashSet<string> AboutEndings = [".sha256", ".md5", ".crc", ".sig", ".asc"];

    /// <summary>Of a file's name, without its folder; what packs it does not count.</summary>
    public static FileKind Of(string name)
    {
        name = name.ToLowerInvariant();
        var ending = Path.GetExtension(name);
        if (Packed.Contains(ending) && Path.GetExtension(name[..^ending.Length]) is { Length: > 0 } inner && inner != ".tar")
            return Of(name[..^ending.Length]);
        var stem = name[..^ending.Length];
        if (AboutNames.Contains(name) || AboutEndings.Contains(ending) || AboutStems.Any(about => stem == about
            || stem.StartsWith(about + "-", StringComparison.Ordinal) || stem.StartsWith(about + "_", StringComparison.Ordinal)
            || stem.StartsWith(about + ".", StringComparison.Ordinal)) && (ending.Length == 0 || Prose.Contains(ending)))
            return FileKind.About;
        return ending switch
        {
            ".jsonl" or ".ndjson" => FileKind.Jsonl,
            ".json" => FileKind.Json,
            ".parquet" or ".pq" => FileKind.Parquet,
            _ when Prose.Contains(ending) => FileKind.Prose,
            _ when Source.Contains(ending) => FileKind.Source,
            _ when Foreign.Contains(ending) => FileKind.Foreign,
            _ => FileKind.Other,
        };
    }
}
