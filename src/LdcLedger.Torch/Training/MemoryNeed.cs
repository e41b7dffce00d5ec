using System.Globalization;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>Memory that a run takes on the CPU, reckoned before anything is loaded.</summary>
/// <param name="BaseBytes">The frozen weights, once for all runs on a base.</param>
/// <param name="RunBytes">One run: adapter, optimizer, activations of all its threads.</param>
public sealed record MemoryNeed(long BaseBytes, long RunBytes)
{
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="form">One of <see cref="BaseForms"/>.</param>
    /// <exception cref="InvalidInputException">An option that the model does not allow.</exception>
    public static MemoryNeed Of(ModelConfig config, LoraOptions lora, int batchRows, int length, int threads = 1, string dtype = "float32",
        string form = BaseForms.AsIs) => Of(config, AdapterLayout.For(config, lora), batchRows, length, threads, dtype, form);

    /// <summary>Of a run that trains projections themselves: their weights, gradients and both moments in fp32.</summary>
    /// <exception cref="InvalidInputException">An option that the model does not allow.</exception>
    public static MemoryNeed OfFull(ModelConfig config, IEnumerable<LoraTarget> targets, int batchRows, int length, int threads = 1,
        string dtype = "float32", string form = BaseForms.AsIs) =>
        Of(config, new FullLayout(config, targets), batchRows, length, threads, dtype, form);

    private static MemoryNeed Of(ModelConfig config, TrainedLayout layout, int batchRows, int length, int threads, string dtype,
        string form)
    {
        using var rehearsal = new Rehearsal();
        using var model = BaseModel.Rehearsed(config, dtype, form, rehearsal);
        return new MemoryNeed(rehearsal.WeightBytes, RunBytesOf(model, rehearsal, batchRows, threads, length, layout, train: true));
    }

    /// <summary>Refuses what would be killed half-way.</summary>
    /// <exception cref="InvalidInputException">More is needed than is free; the sentence says what would fit.</exception>
    internal static void Check(BaseModel model, int batchRows, int threads, int length, TrainedLayout? layout, bool train)
    {
        using var rehearsal = new Rehearsal();
        using var shape = BaseModel.Rehearsed(model.Config, model.Dtype, model.Form, rehearsal);
        long needed = RunBytesOf(shape, rehearsal, batchRows, threads, length, layout, train), free = Free();
        if (needed <= free) return;
        var fits = (int)(length * ((double)free / needed) * 0.9) / 32 * 32;
        throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture,
            $"Out of memory: {(train ? "training" : "evaluation")} with rows of {length} tokens on {threads} "
                + $"thread{(threads > 1 ? "s" : "")} needs {Gigabytes(needed)} beside the base, but {Gigabytes(free)} are free; ")
            + (threads > 1 ? "fewer threads, or " : "") + (fits >= 32
                ? $"rows of {fits} tokens would fit." : "a machine with more memory, or dtype bfloat16 for the base, is needed."));
    }

    private static long RunBytesOf(BaseModel model, Rehearsal rehearsal, int batchRows, int threads, int length, TrainedLayout? layout,
        bool train)
    {
        var before = rehearsal.MatrixBytes;
        var parameters = layout is null ? null : new FlatRows(rehearsal, layout.RowSizes);
        var gradients = train ? new FlatRows(rehearsal, layout!.RowSizes) : null;
        if (train) for (var i = 0; i < 2; i++) _ = new FlatRows(rehearsal, layout!.RowSizes);   // both moments
        var rows = Workers.PieceRows(batchRows, length);
        var passes = Workers.PassesOf(model.ParallelByRows, threads, (batchRows + rows - 1) / rows);
        if (!Workers.SharesGradients(layout, passes)) gradients = null;
        for (var pass = 0; pass < passes; pass++)
            new Pass(model, rows, length, positions: 1, layout, parameters, train, gradients: gradients).Dispose();
        return rehearsal.MatrixBytes - before;
    }

    private static long Free()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        if (!File.Exists("/proc/meminfo")) return limit;
        var available = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return available is null ? limit
            : Math.Min(limit, long.Parse(available.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) * 1024);
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB");
}
