using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Tables;
using LdcLedger.Reports.Documents;

namespace LdcLedger.Reports.Studies;

/// <summary>The tables of the provenance as data: what was studied, where it ran, by which rules.</summary>
internal static class ProvenanceData
{
    public static IReadOnlyList<DataFile> Of(StudyFacts facts, IReadOnlyList<AggregationRule> shown) =>
    [
        new("tables/domains-table.csv", ["domain", "format", "records", "held_out_records", "skipped_records", "bytes", "sha256"],
            [.. facts.Study.Domains.Select(d => (IReadOnlyList<object?>)
                [d.Name, d.Format, d.Records, d.HeldOutRecords, d.SkippedRecords, d.Bytes, d.Sha256])]),
        new("tables/environments-table.csv",
            ["host", "device", "threads", "processor", "operating_system", "runtime", "libtorch", "ldc_version", "runs"],
            [.. facts.Runs.Where(r => r.Environment is not null).GroupBy(r => r.Environment!).Select(e => (IReadOnlyList<object?>)
                [e.Key.Host, e.Key.Device, e.Key.Threads, e.Key.Processor, e.Key.OperatingSystem, e.Key.Runtime, e.Key.Libtorch,
                    e.Key.LdcVersion, e.Count()])]),
        new("tables/rules-table.csv",
            ["rule", "version", "hash", "measure", "over", "combine", "epoch", "seeds", "ties", "top", "perplexity"],
            [.. (shown.Contains(facts.Study.Rule) ? shown : [.. shown, facts.Study.Rule]).Select(r => (IReadOnlyList<object?>)
                [r.Name, r.Version, r.Hash, r.Measure, r.Over, r.Combine, r.Epoch, r.Seeds, r.Ties, r.Top, r.Perplexity])]),
    ];
}
