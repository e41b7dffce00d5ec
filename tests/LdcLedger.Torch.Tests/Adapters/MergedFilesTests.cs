using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Inputs;
using LdcLedger.Torch.Tests.Models;
using LdcLedger.Torch.Tests.Tokenizers;
using Xunit;

namespace LdcLedger.Torch.Tests.Adapters;

public sealed class MergedFilesTests
{
    [Fact]
    public void A_merged_checkpoint_holds_files_of_its_own_and_nothing_that_the_weights_were_not_read_by()
    {
        using var folder = ModelFolder.Golden("llama-gqa-rope3-tied");
        folder.Write("model.safetensors.index.json", """{"weight_map":{"a":"model-00001-of-00002.safetensors"}}""");
        folder.Write("README.md", "Ours.");
        foreach (var file in (string[])["config.json", "model.safetensors", "README.md"])
        {
            File.Move(folder[file], folder["blob-of-" + file + ".bin"]);
            OddFiles.Link(folder[file], "blob-of-" + file + ".bin");
        }
        OddFiles.Pipe(folder["pipe.json"]);
        OddFiles.Link(folder["gone.json"], "nowhere");
        var target = folder["merged"];

        AdapterMerge.Write(folder.Path, PeftAdapter.Load(RepositoryFiles.Golden("traces", "llama-solo-mlp", "adapter_final")), target);

        Assert.Equal(["README.md", "config.json", "model.safetensors"],
            Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(target), file => Assert.Null(new FileInfo(file).LinkTarget));
        using var merged = ModelDirectory.Open(target);
        Assert.Empty(merged.Notes);
    }
}
