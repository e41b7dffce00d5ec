using System.CommandLine;
using LdcLedger.Cli.Golden;
using LdcLedger.Cli.Terminal;
using LdcLedger.Torch.Golden;

namespace LdcLedger.Cli.Models;

/// <summary><c>ldc model verify --golden DIR</c>: the implementation against what Hugging Face transformers gave.</summary>
internal static class ModelVerify
{
    private static readonly Option<string> Golden = new("--golden")
    {
        Description = "A reference case (a folder with golden.json), or a tree of them.",
        HelpName = "DIR",
        Required = true,
    };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    private static readonly Dictionary<string, Func<GoldenCase, string, IReadOnlyList<GoldenCheck>>> Kinds = new(StringComparer.Ordinal)
    {
        ["shapes"] = GoldenCases.Verify,
        ["logits"] = GoldenCases.Verify,
        ["nf4"] = GoldenCases.Verify,
        ["tokenizer"] = (golden, _) => TokenizerCase.Verify(golden.Directory),
    };

    public static Verb Verb() =>
        new("verify", "Compare shapes, logits, quantised weights and tokenizers with reference cases of Hugging Face transformers.", Run,
            Golden, GoldenTree.Device, Json)
    {
        Examples = ["ldc model verify --golden tests/golden", "ldc model verify --golden tests/golden/logits/llama-packed --json"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation) =>
        Task.FromResult(GoldenTree.Verify(arguments.GetValue(Golden)!, Kinds, arguments.GetValue(GoldenTree.Device)!,
            arguments.GetValue(Json), cancellation));
}
