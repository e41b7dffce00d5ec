using System.Diagnostics;
using System.Globalization;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Torch.Packing;

/// <summary>How a corpus becomes rows; the <c>data</c> and <c>evaluation</c> of a study spec.</summary>
/// <param name="Length">Tokens per training row, 2 or more.</param>
/// <param name="Template">Text with {prompt} and {response}, or <c>chat</c>.</param>
/// <param name="LossOn">What is scored, in training as in evaluation.</param>
/// <param name="HeldOut">Share of the records that is held out, above 0 and below 1.</param>
/// <param name="MaxTokens">At most this many tokens (rows x length) an epoch; null for all. Epochs go on through the rows where the one
/// before stopped.</param>
/// <param name="EvaluationLength">Tokens per evaluation window, 2 or more.</param>
/// <param name="EvaluationStride">By how much windows move, 1 to one less than their length.</param>
/// <param name="OnBadRecord">What becomes of a corpus with records that cannot be used.</param>
public sealed record DomainDataOptions(
    int Length = 256, string Template = "{prompt}\n\n{response}", LossOn LossOn = LossOn.Response, double HeldOut = 0.2,
    int? MaxTokens = null,
    int EvaluationLength = 256, int EvaluationStride = 128, OnBadRecord OnBadRecord = OnBadRecord.Refuse)
{
    /// <summary>Bytes of ids beyond which they lie in a file.</summary>
    public const long MostBytesInMemory = TokenStore.MostInMemory * sizeof(int);

    /// <summary>Ids beyond so many lie in a file; where they lie changes none.</summary>
    internal long TokensInMemory { get; init; } = TokenStore.MostInMemory;

    /// <summary>With words as a study spec writes them.</summary>
    /// <param name="lossOn">response or all.</param>
    /// <param name="onBadRecord">refuse or skip.</param>
    /// <exception cref="InvalidInputException">A word is none of these.</exception>
    public static DomainDataOptions Of(
        int length, string template, string lossOn, double heldOut, int? maxTokens, int evaluationLength, int evaluationStride,
        string onBadRecord = "refuse") => new(
        length, template, lossOn switch
        {
            "response" => LossOn.Response,
            "all" => LossOn.All,
            _ => throw new InvalidInputException($"loss_on is {lossOn}; response and all are allowed."),
        }, heldOut, maxTokens, evaluationLength, evaluationStride, BadRecords.Named(onBadRecord));

    internal void Check()
    {
        Require(Length >= 2, "length", Length, "2 or more");
        Require(HeldOut is > 0 and < 1, "held_out", HeldOut, "a share above 0 and below 1");
        Require(MaxTokens is null || MaxTokens >= Length, "max_tokens", MaxTokens ?? 0,
            string.Create(CultureInfo.InvariantCulture, $"at least one row of {Length} tokens, or null"));
        Require(EvaluationLength >= 2, "evaluation length", EvaluationLength, "2 or more");
        Require(EvaluationStride >= 1 && EvaluationStride < EvaluationLength, "evaluation stride", EvaluationStride,
            string.Create(CultureInfo.InvariantCulture, $"1 to {EvaluationLength - 1}"));
    }

    private static void Require(bool holds, string name, IFormattable value, string allowed)
    {
        if (!holds)
            throw new InvalidInputException($"{name} is {value.ToString(null, CultureInfo.InvariantCulture)}, but {allowed} is needed.");
    }
}

/// <summary>What was counted on the way.</summary>
/// <param name="Records">Records of the corpus, blank ones left out.</param>
/// <param name="HeldOutRecords">Those of them that are held out.</param>
/// <param name="Documents">Training documents of which something is packed.</param>
/// <param name="Pieces">Pieces packed into training rows.</param>
/// <param name="Tokens">Tokens of these pieces.</param>
/// <param name="ScoredTokens">Those of them that are scored.</param>
/// <param name="PaddingShare">Share of the training rows that stays empty.</param>
/// <param name="HeldOutScoredTokens">Scored tokens of the held-out rows.</param>
/// <param name="SkippedRecords">Records that could not be used and were left out.</param>
public sealed record DomainCounts(
    int Records, int HeldOutRecords, int Documents, int Pieces, long Tokens, long ScoredTokens, double PaddingShare,
    long HeldOutScoredTokens, int SkippedRecords);

/// <summary>A domain ready for training and evaluation under one tokenizer; its ids lie in memory or, where they are many, in a file that
/// goes with it.</summary>
/// <param name="Training">Rows of <c>length</c> tokens: the whole training side, whatever the cap.</param>
/// <param name="RowTokens">Tokens of each training row, padding not counted.</param>
/// <param name="RowsPerEpoch">How many of them an epoch reads.</param>
/// <param name="HeldOut">Evaluation windows packed into rows of the evaluation's length; each scored token is scored once.</param>
/// <param name="HeldOutBytes">UTF-8 bytes of the held-out scored text, for bits per byte.</param>
/// <param name="CorpusHash">SHA-256 of what was read.</param>
/// <param name="RowsHash">SHA-256 of the rows of both kinds: equal rows, equal hash, whatever they were made from.</param>
public sealed record DomainData(
    ITokenRows Training, IReadOnlyList<int> RowTokens, int RowsPerEpoch, ITokenRows HeldOut, long HeldOutBytes, DomainCounts Counts,
    string CorpusHash, string RowsHash) : IDisposable
{
    private TokenStore? Store { get; init; }

    /// <summary>As the other, with the format as a study spec names it.</summary>
    /// <exception cref="InvalidInputException">There is no such format, or whatever the other says.</exception>
    public static DomainData Prepare(string corpusPath, string format, Tokenizer tokenizer, DomainDataOptions options,
        FieldNames? fields = null, string? scratch = null) =>
        Prepare(corpusPath, Corpus.ParseFormat(format), tokenizer, options, fields, scratch);

    /// <summary>Reads, splits, tokenizes and packs a corpus: each record once, in a memory that does not grow with the corpus.</summary>
    /// <param name="fields">Under which names its records keep what is read; null: the usual ones.</param>
    /// <param name="scratch">Folder for ids that memory has no room for; null: the system's for temporary files.</param>
    /// <exception cref="InvalidInputException">The corpus cannot be read, or gives too little to train on or to hold out; an option is out
    /// of range.</exception>
    /// <exception cref="IOException">The scratch folder's disk is full.</exception>
    public static DomainData Prepare(string corpusPath, CorpusFormat format, Tokenizer tokenizer, DomainDataOptions options,
        FieldNames? fields = null, string? scratch = null)
    {
        options.Check();
        var template = DocumentTemplate.Read(options.Template, tokenizer);
        var corpus = Corpus.Open(corpusPath, format, fields);
        var store = new TokenStore(scratch ?? Path.GetTempPath(), options.TokensInMemory);
        try
        {
            return Pack(corpus, DocumentsOf(corpus, template, tokenizer, options, store), options, store);
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// How long it takes to make rows of some records, reading them not counted: so a plan knows of all of them. Measured at the second
    /// time, since the first warms up.
    /// </summary>
    public static TimeSpan TimeToPack(IReadOnlyList<CorpusRecord> records, DocumentTemplate template, Tokenizer tokenizer,
        DomainDataOptions options)
    {
        var clock = new Stopwatch();
        for (var i = 0; i < 2; i++)
        {
            clock.Restart();
            using var store = new TokenStore(Path.GetTempPath());
            var documents = new StoredDocuments(store);
            foreach (var (document, _) in Tokenised(records, template, tokenizer, options))
                documents.Add(document);
            var cut = Scoring(store, documents, (at, tokens) => Piece.Cut(at, tokens, options.Length));
            _ = StoredRows.HashOf(new StoredRows(store, cut.Pieces, options.Length));
        }
        return clock.Elapsed;
    }

    private static IEnumerable<(Document Document, bool IsHeldOut)> Tokenised(
        IReadOnlyList<CorpusRecord> records, DocumentTemplate template, Tokenizer tokenizer, DomainDataOptions options) =>
        records.AsParallel().AsOrdered()
            .Select(record => (Document.From(record, template, tokenizer, options.LossOn), record.IsHeldOut(options.HeldOut)));

    private static (StoredDocuments Training, StoredDocuments HeldOut, BadRecords Bad) DocumentsOf(
        Corpus corpus, DocumentTemplate template, Tokenizer tokenizer, DomainDataOptions options, TokenStore store)
    {
        var (training, heldOut, bad) = (new StoredDocuments(store), new StoredDocuments(store), new BadRecords());
        foreach (var batch in RecordBatches.Of(corpus.Records(bad)))
        {
            // What cannot be used is counted to the end, but for a corpus that is refused anyway nothing is tokenised any more.
            if (bad.Count > 0 && options.OnBadRecord == OnBadRecord.Refuse)
                continue;
            foreach (var (document, isHeldOut) in Tokenised(batch, template, tokenizer, options))
                (isHeldOut ? heldOut : training).Add(document);
        }
        bad.Check(corpus, options.OnBadRecord);
        var records = training.Count + heldOut.Count;
        if (records == 0)
            throw new InvalidInputException($"The corpus \"{corpus.Path}\" is empty: it has no record with text{bad.Skipped}.");
        var share = options.HeldOut.ToString(CultureInfo.InvariantCulture);
        if (heldOut.Count == 0)
            throw new InvalidInputException($"Of the {records} records of \"{corpus.Path}\" none is held out at held_out {share}; "
                + "more records or a larger share is needed.");
        if (training.Count == 0)
            throw new InvalidInputException($"Of the {records} records of \"{corpus.Path}\" all are held out at held_out {share}; "
                + "more records or a smaller share is needed.");
        return (training, heldOut, bad);
    }

    private static DomainData Pack(Corpus corpus, (StoredDocuments Training, StoredDocuments HeldOut, BadRecords Bad) sides,
        DomainDataOptions options, TokenStore store)
    {
        var cut = Scoring(store, sides.Training, (at, tokens) => Piece.Cut(at, tokens, options.Length));
        if (cut.Tokens < options.Length)
            throw new InvalidInputException(
                $"The corpus \"{corpus.Path}\" gives {cut.Tokens} tokens to train on, fewer than one window of {options.Length}.");
        var windows = Scoring(store, sides.HeldOut,
            (at, tokens) => Piece.Slide(at, tokens, options.EvaluationLength, options.EvaluationStride));
        if (windows.Scored == 0)
            throw new InvalidInputException($"The {sides.HeldOut.Count} held-out records of \"{corpus.Path}\" have no token to score.");
        var training = new StoredRows(store, cut.Pieces, options.Length);
        var heldOut = new StoredRows(store, windows.Pieces, options.EvaluationLength);
        var counts = new DomainCounts(sides.Training.Count + sides.HeldOut.Count, sides.HeldOut.Count, cut.Documents, cut.Pieces.Count,
            cut.Tokens, cut.Scored, 1 - cut.Tokens / ((double)training.Rows * training.Length), windows.Scored, sides.Bad.Count);
        var rowsPerEpoch = Math.Min(training.Rows, (options.MaxTokens ?? int.MaxValue) / options.Length);
        return new DomainData(training, training.RowTokens(), rowsPerEpoch, heldOut, sides.HeldOut.ScoredBytes, counts, corpus.Hash,
            StoredRows.HashOf(training, heldOut)) { Store = store };
    }

    /// <summary>The pieces of some documents, in order of their hash; what scores nothing teaches nothing and is left out.</summary>
    /// <returns>Pieces, and what they come to: documents of which something is there, tokens and those of them that are scored.</returns>
    private static (List<Piece> Pieces, int Documents, long Tokens, long Scored) Scoring(
        TokenStore store, StoredDocuments documents, Func<long, int, IEnumerable<Piece>> cut)
    {
        var (pieces, used, tokens, scored) = (new List<Piece>(), 0, 0L, 0L);
        var buffer = Array.Empty<int>();
        foreach (var (at, length) in documents.InOrderOfHash())
        {
            var before = pieces.Count;
            foreach (var piece in cut(at, length))
            {
                if (buffer.Length < piece.Length)
                    buffer = new int[piece.Length];
                store.Read(piece.At, buffer.AsSpan(0, piece.Length));
                var found = 0;
                for (var i = piece.From; i < piece.Length; i++)
                    found += StoredToken.IsScored(buffer[i]) ? 1 : 0;
                if (found == 0)
                    continue;
                pieces.Add(piece);
                (tokens, scored) = (tokens + piece.Length, scored + found);
            }
            used += pieces.Count > before ? 1 : 0;
        }
        return (pieces, used, tokens, scored);
    }

    public void Dispose() => Store?.Dispose();
}
