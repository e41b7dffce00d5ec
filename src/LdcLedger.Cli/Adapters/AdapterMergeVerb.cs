using System.CommandLine;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain;
using LdcLedger.Torch.Adapters;

namespace LdcLedger.Cli.Adapters;

/// <summary><c>ldc adapter merge DIR --base MODEL_DIR --out DIR</c>: the base with the adapter's update in its weights.</summary>
internal static class AdapterMergeVerb
{
    private static readonly Option<string> Base = new("--base")
    {
        Description = "The Hugging Face directory that the adapter was trained on.",
        HelpName = "MODEL_DIR",
        Required = true,
    };
    private static readonly Option<string> Out = new("--out")
    {
        Description = "The folder to write; it must not exist yet.",
        HelpName = "DIR",
        Required = true,
    };

    public static Verb Verb() => new(
        "merge",
        "Write a Hugging Face checkpoint: the base with W + (alpha / r) B A in place of every adapted W.\n\n"
        + "Names, types and shards of the base stay; its other files (tokenizer, configuration) are copied. A sum is rounded once to the\n"
        + "type of W. An adapter that is more or other than such sums (whole modules beside, a changed base) is refused; `ldc adapter\n"
        + "inspect` says why.\n\n"
        + "DIR may hold projections that a run trained themselves (projections.safetensors): these take the place of the base's.\n\n"
        + "What was trained on a base in 4 bits belongs to that: merged into the checkpoint that this was made from, it is another\n"
        + "model.",
        Run, AdapterInspect.Adapter, Base, Out)
    {
        Examples = ["ldc adapter merge my-adapter --base models/Llama-3.2-1B --out models/my-llama"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var (directory, target) = (arguments.GetValue(Base)!, OutFolder.Named(arguments.GetValue(Out)!));
        var trained = arguments.GetValue(AdapterInspect.Adapter)!;
        if (ProjectionsMerge.IsIn(trained))
        {
            Screen.Say($"Put {Plural.Of(ProjectionsMerge.Write(directory, trained, target), "projection")} into a copy of {directory}.");
        }
        else
        {
            var adapter = PeftAdapter.Load(trained);
            AdapterMerge.Write(directory, adapter, target);
            Screen.Say($"Merged {adapter.Modules.Count} modules into a copy of {directory}.");
        }
        Screen.Print(target);
        return Task.FromResult(ExitCodes.Done);
    }
}
