using CsCheck;
using LdcLedger.Domain.Layers;
using LdcLedger.Domain.Norms;
using LdcLedger.Domain.Rules;
using LdcLedger.Domain.Runs;
using Xunit;

namespace LdcLedger.Domain.Tests;

public sealed class RunNormsBuilderTests
{
    // Any order, some measured twice, with any of the projections.
    private static readonly Gen<LayerNormMeasured[]> Events =
        (from epoch in Gen.Int[1, 4]
         from layer in Gen.Int[0, 5]
         from projections in Gen.Shuffle(Projections.All.ToArray(), 1, 7)
         from value in Gen.Int[1, 9]
         select new LayerNormMeasured(
             Guid.Empty, Guid.Empty, "m", "d", "all", 1, epoch, layer,
             [.. projections.Select((p, i) => new ProjectionNorm(p, value / (3.0 + i), 1.0 / (1 + layer), 8, 4))])).Array[1, 40];

    [Fact]
    public void What_is_gathered_is_what_is_folded() => Events.Sample(events =>
    {
        var (folded, gathered) = (Fold(events), Gather(events, null));
        return folded.Modules.SequenceEqual(gathered.Modules) && folded with { Modules = [] } == gathered with { Modules = [] };
    });

    [Fact]
    public void What_is_left_out_is_what_no_rule_asks_for() => Gen.Select(Events, Gen.Int[1, 4].List[0, 2]).Sample((events, epochs) =>
    {
        var (folded, gathered) = (Fold(events), Gather(events, epochs.ToHashSet()));
        var last = folded.LastEpoch;
        return gathered.Modules.SequenceEqual(folded.Modules.Where(m => m.Epoch == last || epochs.Contains(m.Epoch)))
            && epochs.Select(e => (int?)e).Append(null).All(epoch =>
            {
                var rule = AggregationRule.BlockSum with { Epoch = epoch };
                return NormUnits.Of(rule, [folded], Projections.All).SequenceEqual(NormUnits.Of(rule, [gathered], Projections.All));
            });
    });

    [Fact]
    public void A_copy_goes_on_by_itself() => Gen.Select(Events, Events, Events).Sample((before, mine, its) =>
    {
        var builder = new RunNormsBuilder();
        foreach (var measured in before)
            builder.Add(measured);
        builder.Norms();
        var copy = builder.Copy();
        foreach (var measured in mine)
            builder.Add(measured);
        foreach (var measured in its)
            copy.Add(measured);
        return builder.Norms()!.Modules.SequenceEqual(Fold([.. before, .. mine]).Modules)
            && copy.Norms()!.Modules.SequenceEqual(Fold([.. before, .. its]).Modules);
    });

    [Fact]
    public void Nothing_measured_is_no_norms() => Assert.Null(new RunNormsBuilder().Norms());

    private static RunNorms Fold(IEnumerable<LayerNormMeasured> events) => events.Aggregate((RunNorms?)null, RunNormsFold.Evolve)!;

    private static RunNorms Gather(IEnumerable<LayerNormMeasured> events, IReadOnlySet<int>? epochs)
    {
        var builder = new RunNormsBuilder(epochs);
        foreach (var measured in events)
            builder.Add(measured);
        return builder.Norms()!;
    }
}
