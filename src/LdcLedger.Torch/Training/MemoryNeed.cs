using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>Memory that a run takes on a device, reckoned before anything is loaded.</summary>
/// <param name="BaseBytes">The frozen weights, once for all runs on a base.</param>
/// <param name="RunBytes">One run: what is trained, optimizer, activations of all its threads.</param>
public sealed record MemoryNeed(long BaseBytes, long RunBytes)
{
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="form">One of <see cref="BaseForms"/>.</param>
    /// <param name="device">cpu, cpu:torch, cuda or cuda:N; it need not be there.</param>
    /// <exception cref="InvalidInputException">An option that the model does not allow.</exception>
    public static MemoryNeed Of(ModelConfig config, LoraOptions lora, int batchRows, int length, int threads = 1, string dtype = "float32",
        string form = BaseForms.AsIs, string device = DeviceArithmetic.Cpu) =>
        Of(new(config, dtype, form, device), new(AdapterLayout.For(config, lora), batchRows, length, threads, true, lora.Dropout));

    /// <summary>Of a run that trains projections themselves: their weights, gradients and both moments in fp32.</summary>
    /// <exception cref="InvalidInputException">An option that the model does not allow.</exception>
    public static MemoryNeed OfFull(ModelConfig config, IEnumerable<LoraTarget> targets, int batchRows, int length, int threads = 1,
        string dtype = "float32", string form = BaseForms.AsIs, string device = DeviceArithmetic.Cpu) =>
        Of(new(config, dtype, form, device), new(new FullLayout(config, targets), batchRows, length, threads, true, 0));

    internal sealed record Frozen(ModelConfig Config, string Dtype, string Form, string Device);

    internal sealed record Run(TrainedLayout? Layout, int BatchRows, int Length, int Threads, bool Trains, double Dropout);

    internal static MemoryNeed Of(Frozen on, Run run)
    {
        if (DeviceArithmetic.IsExact(on.Device))
        {
            using var rehearsal = new Rehearsal();
            using var exact = BaseModel.Rehearsed(on.Config, on.Dtype, on.Form, on.Device, () => rehearsal);
            var weights = rehearsal.WeightBytes;
            var before = rehearsal.MatrixBytes;
            Rehearse(exact, run);
            return new MemoryNeed(weights, rehearsal.MatrixBytes - before);
        }
        // A step's operations, with shapes alone.
        using var count = OperationCount.Begin();
        using var model = BaseModel.Rehearsed(on.Config, on.Dtype, on.Form, on.Device,
            () => DeviceArithmetic.Planned(on.Device, on.Dtype));
        var frozen = count.LiveBytes;
        Rehearse(model, run);
        return new MemoryNeed(frozen, count.PeakBytes - frozen);
    }

    private static void Rehearse(BaseModel model, Run run)
    {
        using var arithmetic = model.NewArithmetic();
        IReadOnlyList<int> sizes = run.Layout?.RowSizes ?? [];
        using FlatRows? parameters = run.Layout is null ? null : new FlatRows(arithmetic, sizes),
            gradients = run.Trains ? new FlatRows(arithmetic, sizes) : null, first = run.Trains ? new FlatRows(arithmetic, sizes) : null,
            second = run.Trains ? new FlatRows(arithmetic, sizes) : null;
        var rows = Workers.PieceRows(arithmetic, run.BatchRows, run.Length);
        var passes = Workers.PassesOf(model.ParallelByRows, run.Threads, (run.BatchRows + rows - 1) / rows);
        var shared = Workers.SharesGradients(arithmetic, run.Layout, passes) ? gradients : null;
        for (var i = 0; i < passes; i++)
        {
            using var pass = new Pass(model, rows, run.Length, positions: model.ParallelByRows ? 1 : run.Length,
                run.Layout, parameters, run.Trains, run.Dropout, shared);
            if (model.ParallelByRows) continue;                    // all of a pass of the exact arithmetic's is there from the beginning
            using var scope = pass.StepScope();
            var batch = TokenBatch.Of(new AllScored(rows, run.Length), [.. Enumerable.Range(0, rows)], rows);
            if (run.Trains) pass.LossAndGradients(batch, 1, new DropoutKey(Active: true, 0, 0, 0));
            else pass.Loss(batch);
        }
    }

    /// <summary>Rows of one document each, the most that they can come to.</summary>
    private sealed record AllScored(int Rows, int Length) : ITokenRows
    {
        public RowExtent Extent => RowExtent.None;

        public void Read(int row, Span<int> ids, Span<int> labels, Span<int> positions)
        {
            ids.Clear();
            labels.Clear();
            for (var i = 0; i < positions.Length; i++) positions[i] = i;
        }
    }
}
