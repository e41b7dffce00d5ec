using System.Globalization;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Torch.Training;

/// <summary>Whether there is the memory that a run needs: asked before it begins, and where it runs out nevertheless.</summary>
internal sealed class MemoryRoom
{
    private readonly MemoryNeed.Frozen _on;
    private readonly MemoryNeed.Run _run;
    private readonly MemoryNeed _need;

    /// <summary>Refuses what would be killed half-way.</summary>
    /// <exception cref="InvalidInputException">More is needed than is free; the sentence says what would fit.</exception>
    public MemoryRoom(BaseModel model, int batchRows, int threads, int length, TrainedLayout? layout, bool train, double dropout = 0)
    {
        (_on, _run) = (new(model.Config, model.Dtype, model.Form, model.Device), new(layout, batchRows, length, threads, train, dropout));
        _need = MemoryNeed.Of(_on, _run);
        // On a GPU one run at a time: what earlier ones had is free again, also where libtorch still holds it.
        var free = IsOnCpu ? Free() : DeviceArithmetic.MemoryOf(model.Device) is { } all ? all - _need.BaseBytes : long.MaxValue;
        if (_need.RunBytes > free)
            throw new InvalidInputException(Refusal($"but {Gigabytes(Math.Max(0, free))} are free; {WhatWouldFit(free)}"));
    }

    private bool IsOnCpu => DeviceArithmetic.IsCpu(_on.Device);

    /// <summary>Does some of the run's work. It may take more than was reckoned, and others may have taken some.</summary>
    /// <exception cref="InvalidInputException">The memory ran out; the sentence says what needs less.</exception>
    public T Within<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception shortage) when (shortage is OutOfMemoryException or LibtorchException { IsOutOfMemory: true })
        {
            throw new InvalidInputException(Refusal($"which were not to be had; {WhatNeedsLess()}"), shortage);
        }
    }

    /// <inheritdoc cref="Within{T}"/>
    public void Within(Action work) => Within(() =>
    {
        work();
        return true;
    });

    private string Refusal(string end)
    {
        var where = IsOnCpu ? $"on {_run.Threads} thread{(_run.Threads > 1 ? "s" : "")}"
            : $"in batches of {_run.BatchRows} on {_on.Device}";
        return $"Out of memory: {(_run.Trains ? "training" : "evaluation")} with rows of {_run.Length} tokens {where} needs "
            + $"{Gigabytes(_need.RunBytes)} beside the base, {end}";
    }

    private string WhatWouldFit(long free)
    {
        if (!DeviceArithmetic.IsExact(_on.Device) && FewerRows(free) is { } fewer)
            return $"batches of {fewer.Rows} would fit ({SameSteps}).";
        var threads = DeviceArithmetic.IsExact(_on.Device) && _run.Threads > 1 && Need(_run with { Threads = 1 }) <= free;
        return (threads, FewerTokens(free)) switch
        {
            (true, { } tokens) => $"fewer threads, or rows of {tokens} tokens would fit.",
            (true, null) => "fewer threads would fit.",
            (false, { } tokens) => $"rows of {tokens} tokens would fit.",
            (false, null) => MoreMemory,
        };
    }

    /// <summary>
    /// The longest rows, about, with which a run takes no more; null where none do. What is trained in full takes its memory however short
    /// they are.
    /// </summary>
    private int? FewerTokens(long most)
    {
        var half = Math.Max(1, _run.Length / 2);
        var perToken = (_need.RunBytes - Need(_run with { Length = half })) / (double)Math.Max(1, _run.Length - half);
        if (perToken <= 0) return null;
        var fits = _run.Length - (_need.RunBytes - most) / perToken;
        for (var tokens = (int)Math.Clamp(fits, 0, _run.Length) / 32 * 32; tokens >= 32; tokens = tokens * 9 / 10 / 32 * 32)
            if (Need(_run with { Length = tokens }) <= most)
                return tokens;
        return null;
    }

    private long Need(MemoryNeed.Run run) => MemoryNeed.Of(_on, run).RunBytes;

    // Nobody knows here how much was left.
    private string WhatNeedsLess()
    {
        if (!DeviceArithmetic.IsExact(_on.Device) && FewerRows(_need.RunBytes - 1) is { } fewer)
            return $"batches of {fewer.Rows} need {Gigabytes(fewer.Bytes)} ({SameSteps}).";
        // A tenth less is too little to be worth a try.
        return _run.Length >= 64 && Need(_run with { Length = _run.Length / 2 }) is var half && half < 0.9 * _need.RunBytes
            ? $"rows of {_run.Length / 2} tokens need {Gigabytes(half)}." : MoreMemory;
    }

    private const string SameSteps = "with more accumulation the steps are the same";

    private string MoreMemory => $"a {(IsOnCpu ? "machine" : "device")} with more memory, or dtype bfloat16 for the base, is needed.";

    private (int Rows, long Bytes)? FewerRows(long most)
    {
        for (var rows = _run.BatchRows / 2; rows > 0; rows /= 2)
            if (Need(_run with { BatchRows = rows }) is var bytes && bytes <= most)
                return (rows, bytes);
        return null;
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
