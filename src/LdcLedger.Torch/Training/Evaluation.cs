using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>Total and number, so that two splits combine exactly; bits per byte and normalised values follow from them.</summary>
public sealed record Likelihood(double TotalNats, int ScoredTokens)
{
    /// <summary>exp of the mean negative log-likelihood.</summary>
    public double Perplexity => PortableMath.Exp(TotalNats / ScoredTokens);
}

/// <summary>How well a model predicts held-out rows.</summary>
public static class Evaluation
{
    /// <param name="adapter">null: the base alone.</param>
    /// <param name="prefix">Activations of <paramref name="rows"/> below the adapter's lowest layer, if they are kept.</param>
    /// <exception cref="InvalidInputException">No token is scored, or the adapter does not fit the base; the loss is not
    /// finite.</exception>
    public static Likelihood Of(BaseModel model, LoraAdapter? adapter, ITokenRows rows, int batchRows = 4, int threads = 1,
        FrozenPrefix? prefix = null, CancellationToken cancellation = default)
    {
        using var arithmetic = model.NewArithmetic();
        var layout = adapter is null ? null : AdapterLayout.For(model.Config, adapter);
        using var parameters = layout is null ? null : new FlatRows(arithmetic, layout.RowSizes);
        parameters?.Rows[0].Set(layout!.Flatten(adapter!));
        return Of(model, layout, parameters, rows, batchRows, threads, prefix, cancellation);
    }

    internal static Likelihood Of(BaseModel model, TrainedLayout? layout, FlatRows? parameters, ITokenRows rows, int batchRows, int threads,
        FrozenPrefix? prefix, CancellationToken cancellation)
    {
        var all = Enumerable.Range(0, rows.Rows).ToArray();
        var scored = TokenBatch.ScoredTokens(rows, all);
        if (scored == 0)
            throw new InvalidInputException("The held-out data has no token to score; at least one document of two tokens is needed.");
        var room = new MemoryRoom(model, batchRows, threads, rows.Length, layout, train: false);
        using var workers = new Workers(room, model, rows, batchRows, threads, layout, parameters, train: false, prefix: prefix);
        using var arithmetic = model.NewArithmetic();
        using var sum = arithmetic.NewSum();
        for (var from = 0; from < all.Length; from += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            workers.AddLoss(all.AsSpan(from, Math.Min(batchRows, all.Length - from)), sum);
        }
        var nats = arithmetic.Read(sum, []).Sum;
        var holds = layout switch { null => "holds", AdapterLayout => "or its adapter holds", _ => "or what was trained of it holds" };
        return double.IsFinite(nats) ? new Likelihood(nats, scored)
            : throw new InvalidInputException(
                $"The held-out loss is not a finite number: the base {model.Directory} {holds} NaN or infinite numbers.");
    }
}
