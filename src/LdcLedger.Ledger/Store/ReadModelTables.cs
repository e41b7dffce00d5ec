using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Studies;
using Marten;

namespace LdcLedger.Ledger.Store;

/// <summary>The tables of the read models; every store knows them.</summary>
internal static class ReadModelTables
{
    public static readonly IReadOnlyList<Type> Documents =
        [typeof(RunSummary), typeof(RunNorms), typeof(RunPerplexity), typeof(DomainRankings), typeof(StudySummary)];

    public static void AddTo(StoreOptions options)
    {
        options.Schema.For<RunSummary>().Index(run => run.StudyId)
            .IgnoreIndex(LedgerGuards.RunsIndex).IgnoreIndex(LedgerGuards.RunsOfStatusIndex);
        options.Schema.For<RunNorms>().Index(norms => norms.StudyId);
        options.Schema.For<RunPerplexity>().Index(perplexity => perplexity.StudyId);
        options.Schema.For<DomainRankings>().Index(rankings => rankings.StudyId);
        options.Schema.For<StudySummary>().Index(study => study.SubmittedAt).Index(study => study.Name);
    }
}
