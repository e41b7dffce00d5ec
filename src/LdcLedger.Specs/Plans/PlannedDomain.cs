using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Training;

namespace LdcLedger.Specs.Plans;

/// <summary>Tokens of a domain under a model's tokenizer.</summary>
/// <param name="Trained">Read by one run of each seed over all its epochs, without what stays empty at the ends of rows.</param>
/// <param name="PerEpoch">The mean of it over seeds and epochs: a capped epoch reads other rows than the one before.</param>
/// <param name="Rows">Rows of an epoch.</param>
/// <param name="HeldOutRows">Rows that an evaluation passes through.</param>
/// <param name="Exact">Counted; else scaled up from a part of a large corpus.</param>
public sealed record DomainTokens(long Trained, long PerEpoch, long Rows, long HeldOutRows, bool Exact);

/// <summary>A corpus of the spec with as much as a plan needs to know of it.</summary>
/// <param name="records">Null where it is missing.</param>
/// <param name="text">Characters of all records.</param>
/// <param name="sample">All records of a small corpus, some of a large one.</param>
/// <param name="format">What <c>auto</c> was resolved to.</param>
/// <param name="spec">As the file states it.</param>
/// <param name="missing">Null where it is there.</param>
public sealed class PlannedDomain(DomainSpec spec, CorpusFormat format, long? records, long text, IReadOnlyList<CorpusRecord> sample,
    Missing? missing)
{
    // Characters of text that are counted exactly, all of them tokenized for every tokenizer; of more than that a sample is.
    private const long CountedText = 1_000_000;

    public DomainSpec Spec { get; } = spec;

    public string Name => Spec.Name;

    public string Format => Missing is null ? format.ToString().ToLowerInvariant() : "";

    public long? Records { get; } = records;

    public Missing? Missing { get; } = missing;

    /// <exception cref="InvalidInputException">It is there and cannot be read, or is empty.</exception>
    public static PlannedDomain Of(SpecFile file, DomainSpec spec)
    {
        if (!InputEntry.At(spec.Path).IsThere)
            return new(spec, CorpusFormat.Auto, null, 0, [], new($"domain {spec.Name}", spec.Path, (spec.Format == "auto"
                ? "a corpus: a file or a folder of JSONL, Parquet, text or sources" : $"a corpus of format {spec.Format}")
                + PathHint.ForCorpus(spec.Path, file.Folder)));
        var corpus = Corpus.Open(spec.Path, Corpus.ParseFormat(spec.Format));
        List<CorpusRecord> sample = [];
        long records = 0, text = 0, kept = 0;
        var stride = 1L;
        foreach (var record in corpus.Records())
        {
            var length = LengthOf(record);
            text += length;
            if (records++ % stride != 0)
                continue;
            sample.Add(record);
            kept += length;
            // Too much for a sample: every second one goes, and of what comes twice as many are passed over.
            if (kept <= CountedText)
                continue;
            sample = [.. sample.Where((_, i) => i % 2 == 0)];
            kept = sample.Sum(LengthOf);
            stride *= 2;
        }
        return records == 0 ? throw new InvalidInputException($"{spec.Path} is empty: it has no record with text.")
            : new(spec, corpus.Format, records, text, sample, null);
    }

    /// <summary>Null where corpus or tokenizer is missing.</summary>
    /// <exception cref="InvalidInputException">It is too small to train on or to hold out from.</exception>
    public DomainTokens? TokensUnder(PlannedModel model, StudySpec study)
    {
        if (Missing is not null || model.Tokenizer is null)
            return null;
        var (data, evaluation) = (study.Data, study.Evaluation);
        var options = DomainDataOptions.Of(
            data.Length, data.Template, data.LossOn, data.HeldOut, data.MaxTokens, evaluation.Length, evaluation.Stride);
        var epochs = study.Training.Epochs * study.Seeds.Count;
        if (sample.Count == Records)
        {
            var counted = DomainData.Prepare(Spec.Path, format, model.Tokenizer, options);
            var read = study.Seeds.Sum(seed =>
                new RowOrder(counted.Training.Rows, counted.RowsPerEpoch, seed).Tokens(study.Training.Epochs, counted.RowTokens));
            return new(read, (long)Math.Round((double)read / epochs), counted.RowsPerEpoch, counted.HeldOut.Rows, Exact: true);
        }
        var documents = sample.AsParallel()
            .Select(record => (long)Document.From(record, model.Template!, model.Tokenizer, options.LossOn).Ids.Length).ToList();
        var tokens = documents.Sum() * ((double)text / sample.Sum(LengthOf));
        var trained = Math.Min(tokens * (1 - data.HeldOut), data.MaxTokens ?? double.MaxValue);
        // A document longer than a window is passed through in windows that overlap.
        var overlong = documents.Where(n => n > evaluation.Length).Sum() / (double)documents.Sum();
        var passed = tokens * data.HeldOut * (1 - overlong + overlong * evaluation.Length / evaluation.Stride);
        return new((long)trained * epochs, (long)trained, (long)Math.Ceiling(trained / data.Length),
            (long)Math.Ceiling(passed / evaluation.Length), Exact: false);
    }

    private static long LengthOf(CorpusRecord record) => record switch
    {
        CorpusRecord.Plain plain => plain.Text.Length,
        CorpusRecord.Answered answered => answered.Prompt.Length + answered.Response.Length,
        CorpusRecord.Conversation conversation => conversation.Turns.Sum(turn => (long)turn.Content.Length),
        _ => throw new ArgumentException($"{record.GetType().Name} is a record without a length.", nameof(record)),
    };
}
