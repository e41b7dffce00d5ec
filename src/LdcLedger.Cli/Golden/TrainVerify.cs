using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Torch.Golden;

namespace LdcLedger.Cli.Golden;

/// <summary><c>ldc train verify --golden DIR</c>: the training loop against what PEFT did, step by step.</summary>
internal static class TrainVerify
{
    private static readonly Option<string> Golden = new("--golden")
    {
        Description = "A recorded training (a folder with golden.json), or a tree of them.",
        HelpName = "DIR",
        Required = true,
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    private static readonly Dictionary<string, Func<GoldenCase, string, IReadOnlyList<GoldenCheck>>> Kinds = new(StringComparer.Ordinal)
    {
        ["trace"] = GoldenCases.Verify,
        ["full-trace"] = GoldenCases.Verify,
    };

    public static Verb Verb() =>
        new("verify", "Replay recorded trainings, of adapters and in full; compare every step, final adapters, norms and held-out nats.",
            Run, Golden, GoldenTree.Device, Json)
    {
        Examples = ["ldc train verify --golden tests/golden/traces"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation) =>
        Task.FromResult(GoldenTree.Verify(arguments.GetValue(Golden)!, Kinds, arguments.GetValue(GoldenTree.Device)!,
            arguments.GetValue(Json), cancellation));
}
