using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Torch.Corpora;

/// <summary>How a corpus is written down.</summary>
public enum CorpusFormat
{
    /// <summary>By name and first bytes.</summary>
    Auto,

    /// <summary>A record per line, or per item of a list: <c>text</c>, or <c>prompt</c> and <c>response</c>, or <c>messages</c>.</summary>
    Jsonl,

    /// <summary>A record per row, with the same columns.</summary>
    Parquet,

    /// <summary>A record per paragraph; blank lines between.</summary>
    Text,

    /// <summary>A record per source file of a folder.</summary>
    Code,
}

/// <summary>A corpus on disk: a file, or a folder whose files are read in order of their names.</summary>
public sealed class Corpus
{
    private readonly Lazy<string> _hash;
    private readonly RecordFields _fields;
    private readonly IReadOnlyList<(string Name, InputFile File)> _files;
    private readonly bool _isFolder;

    private Corpus(string path, CorpusFormat format, RecordFields fields, IReadOnlyList<(string Name, InputFile File)> files,
        bool isFolder, IReadOnlyList<PassedOver> passedOver)
    {
        (Path, Format, _fields, _files, _isFolder, PassedOver) = (path, format, fields, files, isFolder, passedOver);
        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>As it was given.</summary>
    public string Path { get; }

    /// <summary>Never <see cref="CorpusFormat.Auto"/>.</summary>
    public CorpusFormat Format { get; }

    /// <summary>What is read, in order of reading.</summary>
    public IReadOnlyList<InputFile> Files => [.. _files.Select(entry => entry.File)];

    /// <summary>Bytes of it, as they lie on disk.</summary>
    public long Bytes => _files.Sum(entry => entry.File.Length);

    /// <summary>What lies in the folder and is not read.</summary>
    public IReadOnlyList<PassedOver> PassedOver { get; }

    /// <summary>
    /// SHA-256 (lower-case hex) of what is read: a file's own; of a folder that of the lines <c>sha256sum</c> prints for its files, in
    /// order of name. Of what is compressed it is that of the compressed file; of a link that of what it leads to.
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

    /// <param name="names">Under which names records keep what is read; null: the usual ones.</param>
    /// <exception cref="InvalidInputException">Nothing is at <paramref name="path"/>, nothing there is of that format, or what is there is
    /// of several.</exception>
    public static Corpus Open(string path, CorpusFormat format = CorpusFormat.Auto, FieldNames? names = null)
    {
        var fields = new RecordFields(names);
        var entry = InputEntry.At(path);
        var corpus = entry.Kind switch
        {
            EntryKind.File => OpenFile(path, format, fields),
            EntryKind.Folder => OpenFolder(path, format, fields),
            EntryKind.Missing => throw new InvalidInputException($"There is no corpus at \"{path}\"; a file or a folder is needed."),
            _ => throw new InvalidInputException($"The corpus \"{path}\" {entry.Objection}."),
        };
        return names is null || corpus.Format is CorpusFormat.Jsonl or CorpusFormat.Parquet ? corpus
            : throw new InvalidInputException($"The corpus \"{path}\" is read as {Name(corpus.Format)}, which has no fields; "
                + "names of fields go with jsonl and parquet.");
    }

    /// <summary>Every record that is not blank, in order. Reads as it goes.</summary>
    /// <param name="bad">Takes the records that cannot be used; null: the first ends the reading.</param>
    /// <exception cref="InvalidInputException">A file cannot be read, or <paramref name="bad"/> is null and a record cannot be used; the
    /// message says where.</exception>
    public IEnumerable<CorpusRecord> Records(BadRecords? bad = null)
    {
        void Note(string place, string reason)
        {
            if (bad is null)
                throw new InvalidInputException($"{place}: {reason}.");
            bad.Note(place, reason);
        }
        return _files.SelectMany(entry => Format switch
        {
            CorpusFormat.Jsonl => JsonRecords.Read(entry.File, _fields, Note),
            CorpusFormat.Parquet => ParquetRows.Read(entry.File, _fields, Note),
            CorpusFormat.Text => PlainFiles.Paragraphs(entry.File, Note),
            CorpusFormat.Code => PlainFiles.Whole(entry.File, Note),
            _ => throw new InvalidOperationException($"A corpus of the format {Format} has no records."),
        }).Where(record => !record.IsBlank);
    }

    private static Corpus OpenFile(string path, CorpusFormat format, RecordFields fields)
    {
        var file = InputFile.At(System.IO.Path.GetFullPath(path));
        if (CorpusStream.Objection(file) is { } objection)
            throw new InvalidInputException($"The corpus \"{path}\" {objection}.");
        var found = format == CorpusFormat.Auto ? FormatOf(path, file, fields) : format;
        // Parquet is packed inside, and records are never a web page; text may be one.
        if ((found == CorpusFormat.Parquet || found == CorpusFormat.Jsonl && file.Content == InputContent.WebPage)
            && InputFile.Objection(file.Content) is { } against)
            throw new InvalidInputException($"The corpus \"{path}\" {against}.");
        if (format is CorpusFormat.Jsonl or CorpusFormat.Text or CorpusFormat.Code && IsParquet(file))
            throw new InvalidInputException($"The corpus \"{path}\" is a Parquet file, not {Name(format)}; "
                + "its `format` is parquet, or auto.");
        return new Corpus(path, found, fields, [(System.IO.Path.GetFileName(path), file)], isFolder: false, []);
    }

    private static CorpusFormat FormatOf(string path, InputFile file, RecordFields fields)
    {
        if (IsParquet(file))
            return CorpusFormat.Parquet;
        return FileKinds.Of(System.IO.Path.GetFileName(path)) switch
        {
            FileKind.Jsonl or FileKind.Json => CorpusFormat.Jsonl,
            FileKind.Parquet => CorpusFormat.Parquet,
            FileKind.Prose => CorpusFormat.Text,
            FileKind.Source => CorpusFormat.Code,
            FileKind.About or FileKind.Foreign or FileKind.Other when JsonRecords.IsRecords(file, fields) => CorpusFormat.Jsonl,
            FileKind.About when System.IO.Path.GetExtension(path).Length > 0 => CorpusFormat.Text,
            FileKind.Foreign => throw new InvalidInputException(
                $"The corpus \"{path}\" is of a form that is not read; JSONL, Parquet, text and sources are."),
            FileKind.About or FileKind.Other => throw new InvalidInputException(
                $"The format of the corpus \"{path}\" cannot be told from its name; state jsonl, parquet, text or code."),
            var kind => throw new InvalidOperationException($"A file of the kind {kind} has no format."),
        };
    }

    private static Corpus OpenFolder(string path, CorpusFormat format, RecordFields fields)
    {
        var stated = format != CorpusFormat.Auto;
        var entries = FolderEntries.Of(path, sources: !stated || format == CorpusFormat.Code);
        if (!stated)
        {
            if (entries.Files.Count == 0)
                entries = FolderEntries.Of(path, sources: false);
            format = FolderFormat.Of(path, entries.Files, fields);
            if (format != CorpusFormat.Code)
                entries = FolderEntries.Of(path, sources: false);
        }
        entries.Keep((_, file) => ReasonAgainst(file, format, stated, fields));
        if (entries.Files.Count == 0)
            throw new InvalidInputException($"The corpus folder \"{path}\" holds no file to read as {Name(format)}"
                + (format switch
                {
                    CorpusFormat.Jsonl => $" ({string.Join(", ", FileKinds.JsonlEndings)})",
                    CorpusFormat.Parquet => $" ({string.Join(", ", FileKinds.ParquetEndings)})",
                    CorpusFormat.Text or CorpusFormat.Code => "",
                    _ => throw new InvalidOperationException($"A folder of the format {format} has no files."),
                })
                + (entries.PassedOver.Count == 0 ? "." : $"; passed over: "
                    + string.Join(", ", entries.PassedOver.Select(passed => passed.Words)) + "."));
        if (format != CorpusFormat.Code)
            CheckContents(path, entries.Files);
        return new Corpus(path, format, fields, entries.Files, isFolder: true, entries.PassedOver);
    }

    /// <summary>Why a file of a folder is not read; null where it is.</summary>
    private static string? ReasonAgainst(InputFile file, CorpusFormat format, bool stated, RecordFields fields)
    {
        if (format == CorpusFormat.Code)
            return NotSource.FileReason(file);
        var kind = FolderFormat.KindOf(file, fields);
        var wanted = format switch
        {
            CorpusFormat.Jsonl => kind == FileKind.Jsonl,
            CorpusFormat.Parquet => kind == FileKind.Parquet,
            // Whoever states text means all of it.
            CorpusFormat.Text => kind == FileKind.Prose || kind == FileKind.About && IsProse(file)
                || stated && kind is not (FileKind.Foreign or FileKind.Parquet) && NotSource.FileReason(file) != NotSource.Binary,
            _ => throw new InvalidOperationException($"A folder of the format {format} has no files."),
        };
        return wanted ? null : kind switch
        {
            FileKind.About => "about the data (README, licence, checksums, ...)",
            FileKind.Jsonl or FileKind.Json => "files of JSON records",
            FileKind.Parquet => "Parquet files",
            FileKind.Prose => "files of prose",
            FileKind.Source => "files of source code",
            FileKind.Foreign => "in a form that is not read",
            FileKind.Other when FileKinds.Of(System.IO.Path.GetFileName(file.Path)) == FileKind.Json => "JSON without records",
            FileKind.Other => "of another kind",
            _ => throw new InvalidOperationException($"A file of the kind {kind} has no words."),
        };
    }

    private static bool IsProse(InputFile file) => System.IO.Path.GetExtension(file.Path).ToLowerInvariant() is ".md" or ".txt" or ".rst";

    /// <summary>Data that cannot be read is no data passed over: the corpus would be another one.</summary>
    private static void CheckContents(string path, IReadOnlyList<(string Name, InputFile File)> files)
    {
        var unusable = files.Select(entry => (entry.Name, Objection: CorpusStream.Objection(entry.File)))
            .Where(entry => entry.Objection is not null).ToList();
        if (unusable.Count > 0)
            throw new InvalidInputException($"The corpus folder \"{path}\": \"{unusable[0].Name}\" {unusable[0].Objection}"
                + (unusable.Count == 1 ? "." : $" ({unusable.Count} such files)."));
    }

    private static bool IsParquet(InputFile file) => file.Length > 4 && file.Head(4).AsSpan().SequenceEqual("PAR1"u8);

    private static string Name(CorpusFormat format) => format.ToString().ToLowerInvariant();

    private string ComputeHash()
    {
        try
        {
            if (!_isFolder)
                return HashOf(_files[0].File);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var (name, file) in _files)
                hash.AppendData(Encoding.UTF8.GetBytes($"{HashOf(file)}  {name}\n"));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InvalidInputException($"The corpus \"{Path}\" cannot be read: {e.Message}", e);
        }
    }

    private static string HashOf(InputFile file)
    {
        using var stream = file.Open(FileOptions.SequentialScan, 1 << 16);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
