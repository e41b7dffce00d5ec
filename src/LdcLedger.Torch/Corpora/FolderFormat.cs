namespace LdcLedger.Torch.Corpora;

/// <summary>
/// What a folder is read as: what nine in ten of its files are. Where that is nothing, it is asked, for one of many files would be read and
/// nobody would notice.
/// </summary>
internal static class FolderFormat
{
    /// <exception cref="InvalidInputException">The folder is of several kinds, or of none that is read.</exception>
    public static CorpusFormat Of(string path, IReadOnlyList<(string Name, InputFile File)> files, RecordFields fields)
    {
        var kinds = files.ToLookup(entry => KindOf(entry.File, fields), entry => entry.Name);
        int Count(FileKind kind) => kinds[kind].Count();
        var (jsonl, parquet) = (Count(FileKind.Jsonl), Count(FileKind.Parquet));
        var (prose, source) = (Count(FileKind.Prose), Count(FileKind.Source));
        var all = jsonl + parquet + prose + source;
        if (all == 0)
            return OfNothingKnown(path, files, kinds);
        bool Is(int some) => 10 * some >= 9 * all;
        if (Is(jsonl))
            return CorpusFormat.Jsonl;
        if (Is(parquet))
            return CorpusFormat.Parquet;
        if (Is(prose))
            return CorpusFormat.Text;
        // Sources come with prose about them.
        if (Is(prose + source) && 3 * source >= prose + source)
            return CorpusFormat.Code;
        var held = new (int Count, string What, string Format)[] { (jsonl, "of JSON records", "jsonl"), (parquet, "of Parquet", "parquet"),
            (prose, "of prose", "text"), (source, "of source code", "code") }.Where(some => some.Count > 0).ToList();
        throw new InvalidInputException($"The corpus folder \"{path}\" holds "
            + string.Join(" and ", held.Select(some => $"{some.Count} {(some.Count == 1 ? "file" : "files")} {some.What}"))
            + $"; which of them it is for, `format` has to say: {string.Join(" or ", held.Select(some => some.Format))}.");
    }

    /// <summary>By its name, and where that does not tell by its content.</summary>
    public static FileKind KindOf(InputFile file, RecordFields fields) => FileKinds.Of(Path.GetFileName(file.Path)) switch
    {
        // What cannot be read stays what it is called, to be refused for its reason.
        FileKind.Json => CorpusStream.Objection(file) is not null || JsonRecords.IsRecords(file, fields) ? FileKind.Jsonl : FileKind.Other,
        FileKind.Other when file.Length > 4 && file.Head(4).AsSpan().SequenceEqual("PAR1"u8) => FileKind.Parquet,
        var kind => kind,
    };

    private static CorpusFormat OfNothingKnown(
        string path, IReadOnlyList<(string Name, InputFile File)> files, ILookup<FileKind, string> kinds)
    {
        if (kinds.Contains(FileKind.Foreign) && !kinds.Contains(FileKind.Other))
            throw new InvalidInputException($"The corpus folder \"{path}\" holds nothing but files such as "
                + $"\"{kinds[FileKind.Foreign].First()}\", which are not read; JSONL, Parquet, text and sources are.");
        return kinds.Contains(FileKind.About) && files.Where(entry => FileKinds.Of(Path.GetFileName(entry.File.Path)) == FileKind.About)
            .All(entry => Path.GetExtension(entry.Name).ToLowerInvariant() is ".md" or ".txt" or ".rst") && !kinds.Contains(FileKind.Other)
            ? CorpusFormat.Text : CorpusFormat.Code;
    }
}
