using System.CommandLine;
using System.Globalization;
using LdcLedger.Bench.Training;
using LdcLedger.Cli.Studies;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Models;

namespace LdcLedger.Cli.Bench;

/// <summary><c>ldc bench train</c>: how fast runs train here, alone or against a baseline by turns.</summary>
internal static class TrainBenchVerb
{
    private static readonly Option<string?> Model = new("--model") { Description = "A Hugging Face directory.", HelpName = "DIR" };
    private static readonly Option<string?> Shape = new("--shape") { Description = $"A published shape with random weights: "
        + $"{string.Join(", ", PublishedShapes.Names)}.", HelpName = "SHAPE" };
    private static readonly Option<int?> Layers = new("--layers") { Description = "Only its first N layers.", HelpName = "N" };
    private static readonly Option<string> Regime = new("--regime")
    {
        Description = "What is trained: attention, mlp or all (default), or full-all and its like, without adapters.",
        HelpName = "R", DefaultValueFactory = _ => "all",
    };
    private static readonly Option<string?> AdaptLayers =
        new("--adapt-layers") { Description = "Adapt these layers only, such as 15 or 13,14,15 (default: all).", HelpName = "L[,L]" };
    private static readonly Option<int?> Tokens =
        new("--tokens") { Description = "Tokens per epoch (default: enough for a steady measure).", HelpName = "N" };
    private static readonly Option<int> Epochs = new("--epochs") { Description = "Epochs of a round (default: 1).", HelpName = "N",
        DefaultValueFactory = _ => 1 };
    private static readonly Option<int> Batch = new("--batch") { Description = "Rows of a step (default: 4).", HelpName = "N",
        DefaultValueFactory = _ => 4 };
    private static readonly Option<int> Length = new("--length") { Description = "Tokens of a row (default: 256).", HelpName = "N",
        DefaultValueFactory = _ => 256 };
    private static readonly Option<int> Rank = new("--rank") { Description = "Of the adapters (default: 16).", HelpName = "N",
        DefaultValueFactory = _ => 16 };
    private static readonly Option<string> Dtype = new("--dtype") { Description = "Of the frozen weights: float32 (default) or bfloat16.",
        HelpName = "T", DefaultValueFactory = _ => "float32" };
    private static readonly Option<string> Base = new("--base")
    {
        Description = "Of the projections: as-is (default), nf4 or nf4-double.", HelpName = "F", DefaultValueFactory = _ => "as-is",
    };
    private static readonly Option<string> Device = new("--device")
    {
        Description = "cpu (default), cpu:torch, cuda or cuda:N.", HelpName = "D",
        DefaultValueFactory = _ => "cpu",
    };
    private static readonly Option<int> Threads = new("--threads") { Description = "CPU threads of either side (default: all).",
        HelpName = "N", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Both sides take turns so many times; "
        + "medians count (default: 3).", HelpName = "N", DefaultValueFactory = _ => 3 };
    private static readonly Option<string?> Against = new("--against")
    {
        Description = "autograd: the same LoRA by automatic differentiation, as PEFT does it. uncached: "
        + "ourselves without kept activations.", HelpName = "B",
    };
    private static readonly Option<double?> AtLeast =
        new("--at-least") { Description = "Exit with code 1 if the ratio to the baseline is below X.", HelpName = "X" };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "train",
        """
        Measure training speed: tokens/s, share of this machine's peak, memory, where the time goes.
        Ours and the baseline take turns in one process, on the same weights and text; medians of warm steps count.
        """,
        Run, Model, Shape, Layers, Regime, AdaptLayers, Tokens, Epochs, Batch, Length, Rank, Dtype, Base, Device, Threads, Rounds,
        Against,
        AtLeast, Json)
    {
        Examples =
        [
            "ldc bench train --shape tiny --against autograd --threads 1 --at-least 1.5",
            "ldc bench train --shape llama-3.2-1b --layers 4 --against autograd --at-least 1.3",
            "ldc bench train --shape llama-3.2-1b --adapt-layers 15 --epochs 3 --against uncached --at-least 1.6",
        ],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var wanted = arguments.GetValue(AtLeast);
        if (wanted is not null && arguments.GetValue(Against) is null)
            throw new BadInputException(
                "--at-least compares with a baseline: --against autograd or --against uncached is needed beside it.");
        var options = new BenchOptions(
            arguments.GetValue(Model), arguments.GetValue(Shape), arguments.GetValue(Layers), arguments.GetValue(Regime)!,
            LayersOf(arguments.GetValue(AdaptLayers)),
            arguments.GetValue(Tokens), arguments.GetValue(Epochs), arguments.GetValue(Against), arguments.GetValue(Device)!,
            arguments.GetValue(Dtype)!,
            arguments.GetValue(Length), arguments.GetValue(Batch), arguments.GetValue(Rank), arguments.GetValue(Threads),
            arguments.GetValue(Rounds), arguments.GetValue(Base)!);
        if (DeviceArithmetic.CaveatOn(options.Device) is { } caveat)
            Screen.Say(caveat);
        var report = TrainBench.Run(options, Screen.ShowsProgress ? Screen.Say : null, cancellation);
        if (arguments.GetValue(Json))
            PrintJson(report, wanted);
        else
            Print(report);
        if (wanted is null || report.Ratio >= wanted)
            return Task.FromResult(ExitCodes.Done);
        Screen.Say(string.Create(CultureInfo.InvariantCulture, $"ldc: the ratio is {report.Ratio:F2}, below {wanted}."));
        return Task.FromResult(ExitCodes.Failed);
    }

    private static List<int>? LayersOf(string? text)
    {
        if (text is null)
            return null;
        List<int> layers = [];
        foreach (var part in text.Split(','))
            layers.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
                ? layer : throw new BadInputException(
                    $"--adapt-layers has '{part}'; numbers of layers with commas between are allowed, such as 13,14,15."));
        return layers;
    }

    private static void PrintJson(BenchReport r, double? wanted) => Screen.PrintJson(new
    {
        r.Model, r.Layers, r.Regime, r.Device, r.Arithmetic, r.Dtype, r.Threads, rows_per_step = r.RowsPerStep, r.Length, r.Parameters,
        r.Trainable, r.PeakGflops, r.ShareOfPeak, r.PeakMemoryBytes,
        steady_bytes = new { first_warm_step = r.SteadyBytes.First, last = r.SteadyBytes.Last }, r.Split, r.Ours, r.Against, r.Theirs,
        r.Ratio, at_least = wanted, checkpoint = new { r.Checkpoint.Bytes, r.Checkpoint.Seconds },
    });

    private static void Print(BenchReport r)
    {
        var facts = new (string Name, string Value)[]
        {
            ("model", string.Create(CultureInfo.InvariantCulture,
                $"{r.Model}, {Plural.Of(r.Layers, "layer")}, {r.Parameters:N0} parameters, {r.Trainable:N0} trained ({r.Regime})")),
            ("step", $"{Plural.Of(r.RowsPerStep, "row")} of {Plural.Of(r.Length, "token")}; weights in {r.Dtype}"),
            ("device", r.Device + (DeviceArithmetic.IsCpu(r.Device) ? $", {Plural.Of(r.Threads, "thread")}" : "")
                + string.Create(CultureInfo.InvariantCulture, $"; {r.Arithmetic}; at most {r.PeakGflops:N0} GFLOP/s")),
            ("share", string.Create(CultureInfo.InvariantCulture, $"{r.ShareOfPeak:P0} of these, counting 4 FLOP per token and parameter")),
            ("memory", $"peak {PlanTables.Bytes(r.PeakMemoryBytes)}; {PlanTables.Bytes(r.SteadyBytes.First)} after the first warm step, "
                + $"{PlanTables.Bytes(r.SteadyBytes.Last)} after the last"),
            ("save", $"a checkpoint of {PlanTables.Bytes(r.Checkpoint.Bytes)} in "
                + string.Create(CultureInfo.InvariantCulture, $"{r.Checkpoint.Seconds:F2} s")),
            ("time", string.Join(", ", r.Split.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Key} {part.Value:P1}")))),
        };
        foreach (var (name, value) in facts)
            Screen.Print($"{name,-8} {value}");
        Screen.Print("");
        var table = new TextTable("", ">tokens/s", ">median step", ">a round", ">steps");
        Add("ours", r.Ours);
        if (r.Theirs is { } theirs)
            Add(r.Against!, theirs);
        Screen.Print(table);
        if (r.Ratio is { } ratio)
            Screen.Print(string.Create(CultureInfo.InvariantCulture, $"\nratio    {ratio:F2}"));

        void Add(string side, BenchSpeed speed) => table.Add(
            side, speed.TokensPerSecond.ToString("N0", CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{speed.MedianStepSeconds * 1000:N1} ms"),
            string.Create(CultureInfo.InvariantCulture, $"{speed.SecondsPerRound:N2} s"),
            speed.Steps.ToString("N0", CultureInfo.InvariantCulture));
    }
}
