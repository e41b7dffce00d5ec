using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
public sealed record DomainDataOptions(
    int Length = 256, string Template = "{prompt}\n\n{response}", LossOn LossOn = LossOn.Response, double HeldOut = 0.2,
    int? MaxTokens = null,
    int EvaluationLength = 256, int EvaluationStride = 128)
{
    /// <summary>With <paramref name="lossOn"/> as a study spec writes it.</summary>
    /// <param name="lossOn">response or all.</param>
    /// <exception cref="InvalidInputException"><paramref name="lossOn"/> is neither.</exception>
    public static DomainDataOptions Of(
        int length, string template, string lossOn, double heldOut, int? maxTokens, int evaluationLength, int evaluationStride) => new(
        length, template, lossOn switch
        {
            "response" => LossOn.Response,
            "all" => LossOn.All,
            _ => throw new InvalidInputException($"loss_on is {lossOn}; response and all are allowed."),
        }, heldOut, maxTokens, evaluationLength, evaluationStride);

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
public sealed record DomainCounts(
    int Records, int HeldOutRecords, int Documents, int Pieces, long Tokens, long ScoredTokens, double PaddingShare,
    long HeldOutScoredTokens);

/// <summary>A domain ready for training and evaluation under one tokenizer.</summary>
/// <param name="Training">Rows of <c>length</c> tokens: the whole training side, whatever the cap.</param>
/// <param name="RowTokens">Tokens of each training row, padding not counted.</param>
/// <param name="RowsPerEpoch">How many of them an epoch reads.</param>
/// <param name="HeldOut">Evaluation windows packed into rows of the evaluation's length; each scored token is scored once.</param>
/// <param name="HeldOutBytes">UTF-8 bytes of the held-out scored text, for bits per byte.</param>
/// <param name="CorpusHash">SHA-256 of what was read.</param>
/// <param name="RowsHash">SHA-256 of the rows of both kinds: equal rows, equal hash, whatever they were made from.</param>
public sealed record DomainData(
    PackedRows Training, IReadOnlyList<int> RowTokens, int RowsPerEpoch, PackedRows HeldOut, long HeldOutBytes, DomainCounts Counts,
    string CorpusHash, string RowsHash)
{
    /// <summary>As the other, with the format as a study spec names it.</summary>
    /// <exception cref="InvalidInputException">There is no such format, or whatever the other says.</exception>
    public static DomainData Prepare(string corpusPath, string format, Tokenizer tokenizer, DomainDataOptions options) =>
        Prepare(corpusPath, Corpus.ParseFormat(format), tokenizer, options);

    /// <summary>Reads, splits, tokenizes and packs a corpus.</summary>
    /// <exception cref="InvalidInputException">The corpus cannot be read, or gives too little to train on or to hold out; an option is out
    /// of range.</exception>
    public static DomainData Prepare(string corpusPath, CorpusFormat format, Tokenizer tokenizer, DomainDataOptions options)
    {
        options.Check();
        var template = DocumentTemplate.Read(options.Template, tokenizer);
        var corpus = Corpus.Open(corpusPath, format);
        var records = corpus.Records().ToList();
        if (records.Count == 0)
            throw new InvalidInputException($"The corpus \"{corpusPath}\" is empty: it has no record with text.");
        var heldOutRecords = records.Where(record => record.IsHeldOut(options.HeldOut)).ToList();
        var trainingRecords = records.Where(record => !record.IsHeldOut(options.HeldOut)).ToList();
        var share = options.HeldOut.ToString(CultureInfo.InvariantCulture);
        if (heldOutRecords.Count == 0)
            throw new InvalidInputException($"Of the {records.Count} records of \"{corpusPath}\" none is held out at held_out {share}; "
                + "more records or a larger share is needed.");
        if (trainingRecords.Count == 0)
            throw new InvalidInputException($"Of the {records.Count} records of \"{corpusPath}\" all are held out at held_out {share}; "
                + "more records or a smaller share is needed.");

        // In order of hash: so the rows are the same whatever the order of the corpus, and mix its parts.
        var training = Documents(trainingRecords, template, tokenizer, options.LossOn);
        var cut = training.Select(document => Piece.Cut(document, options.Length).ToList()).Where(pieces => pieces.Count > 0).ToList();
        var available = cut.Sum(pieces => pieces.Sum(piece => (long)piece.Length));
        if (available < options.Length)
            throw new InvalidInputException(
                $"The corpus \"{corpusPath}\" gives {available} tokens to train on, fewer than one window of {options.Length}.");
        var pieces = cut.SelectMany(document => document).ToList();
        var trainingRows = BestFit.Pack(pieces, options.Length, out var rowTokens);

        var heldOut = Documents(heldOutRecords, template, tokenizer, options.LossOn);
        var windows = heldOut.SelectMany(document => Piece.Slide(document, options.EvaluationLength, options.EvaluationStride)).ToList();
        var heldOutRows = BestFit.Pack(windows, options.EvaluationLength);
        var heldOutScored = windows.Sum(window => (long)window.ScoredTokens);
        if (heldOutScored == 0)
            throw new InvalidInputException($"The {heldOutRecords.Count} held-out records of \"{corpusPath}\" have no token to score.");

        var tokens = pieces.Sum(piece => (long)piece.Length);
        var counts = new DomainCounts(records.Count, heldOutRecords.Count, DocumentsIn(pieces), pieces.Count, tokens,
            pieces.Sum(piece => (long)piece.ScoredTokens),
            1 - tokens / (double)trainingRows.InputIds.Length, heldOutScored);
        var rowsPerEpoch = Math.Min(trainingRows.Rows, (options.MaxTokens ?? int.MaxValue) / options.Length);
        return new DomainData(trainingRows, rowTokens, rowsPerEpoch, heldOutRows, heldOut.Sum(document => (long)document.ScoredBytes),
            counts, corpus.Hash, HashOf(trainingRows, heldOutRows));
    }

    private static List<Document> Documents(IReadOnlyList<CorpusRecord> records, DocumentTemplate template, Tokenizer tokenizer,
    LossOn lossOn)
    {
        var documents = records.AsParallel().AsOrdered().Select(record => Document.From(record, template, tokenizer, lossOn)).ToList();
        documents.Sort((a, b) => a.Hash.AsSpan().SequenceCompareTo(b.Hash) is not 0 and var order
            ? order : a.Ids.AsSpan().SequenceCompareTo(b.Ids));
        return documents;
    }

    private static int DocumentsIn(IEnumerable<Piece> pieces) =>
        pieces.Select(piece => MemoryMarshal.TryGetArray(piece.Ids, out var segment) ? segment.Array : null).Distinct().Count();

    private static string HashOf(params PackedRows[] parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var rows in parts)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>(new[] { rows.Length, rows.Rows }));
            hash.AppendData(MemoryMarshal.AsBytes<int>(rows.InputIds));
            hash.AppendData(MemoryMarshal.AsBytes<int>(rows.Labels));
            hash.AppendData(MemoryMarshal.AsBytes<int>(rows.PositionIds));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
