using System.Globalization;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Tokenizers;

namespace LdcLedger.Specs.Resolution;

/// <summary>What texts are to a model: how they become ids, and how many of these it has embeddings for.</summary>
public sealed record ModelWords(string Model, Tokenizer Tokenizer, DocumentTemplate Template, int Vocabulary);

/// <summary>A domain's corpus, read from the first record to the last.</summary>
/// <param name="Files">How many files were read.</param>
/// <param name="BadSentence">Records that cannot be used and were left out: how many, where and why; null where there are none.</param>
/// <param name="Unknown">A sentence for each model that has no embedding for some of its tokens.</param>
public sealed record CorpusReading(
    ResolvedDomain Resolved, int Files, IReadOnlyList<PassedOver> PassedOver, string? BadSentence, IReadOnlyList<string> Unknown)
{
    /// <exception cref="InvalidInputException">It cannot be read, holds records that cannot be used and are not to be skipped, or too few
    /// to train on and hold out from.</exception>
    public static CorpusReading Of(DomainSpec domain, DataSpec data, IReadOnlyList<ModelWords> models, CancellationToken cancellation)
    {
        var corpus = Corpus.Open(domain.Path, Corpus.ParseFormat(domain.Format), NamesOf(domain.Fields));
        var (records, heldOut, bad) = (0, 0, new BadRecords());
        var unknown = models.Select(m => new UnknownTokens(m.Model, m.Tokenizer, m.Template, m.Vocabulary)).ToList();
        foreach (var record in corpus.Records(bad))
        {
            cancellation.ThrowIfCancellationRequested();
            records++;
            if (record.IsHeldOut(data.HeldOut))
                heldOut++;
            unknown.ForEach(model => model.Look(record));
        }
        bad.Check(corpus, BadRecords.Named(data.OnBadRecord));
        var passedOver = corpus.PassedOver.Count == 0 ? ""
            : $" Passed over were {string.Join(", ", corpus.PassedOver.Select(passed => passed.Words))}.";
        if (records == 0)
            throw new InvalidInputException($"{domain.Path} is empty: it has no record with text{bad.Skipped}.{passedOver}");
        if (heldOut == 0 || heldOut == records)
            throw new InvalidInputException($"Of the {records} records of {domain.Path} {heldOut} are held out at data.held_out = "
                + $"{data.HeldOut.ToString(CultureInfo.InvariantCulture)}; at least one to train on and one to evaluate on is needed."
                + passedOver);
        return new(
            new(domain.Name, domain.Path, corpus.Format.ToString().ToLowerInvariant(), corpus.Hash, corpus.Bytes, records, heldOut,
                domain.Fields, bad.Count),
            corpus.Files.Count, corpus.PassedOver, bad.Count == 0 ? null : bad.Sentence(corpus),
            [.. unknown.Select(model => model.Sentence).OfType<string>()]);
    }

    public static FieldNames? NamesOf(DomainFields? fields) => fields is null ? null : new(fields.Prompt, fields.Response, fields.Text);
}
