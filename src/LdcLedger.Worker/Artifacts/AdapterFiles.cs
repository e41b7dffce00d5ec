using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;

namespace LdcLedger.Worker.Artifacts;

/// <summary>A trained adapter as two artifacts: the files of a PEFT directory.</summary>
public static class AdapterFiles
{
    public const string Weights = "adapter_model.safetensors";
    public const string Config = "adapter_config.json";

    /// <param name="baseName">What the adapter's configuration says that it belongs to.</param>
    internal static AdapterSaved Save(RunPlanned run, string baseName, BaseModel model, LoraAdapter adapter, ArtifactFolder artifacts)
    {
        var folder = Directory.CreateTempSubdirectory("ldc-adapter-").FullName;
        try
        {
            PeftAdapter.Save(adapter, folder, model.Config, baseName, run.Lora.Dropout);
            var weights = File.ReadAllBytes(Path.Combine(folder, Weights));
            var config = File.ReadAllBytes(Path.Combine(folder, Config));
            return new(run.StudyId, run.RunId, artifacts.Put(weights), artifacts.Put(config), weights.Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Lays a saved adapter out as a directory that PEFT loads.</summary>
    /// <returns>Whether both files were there.</returns>
    public static bool Export(ArtifactFolder artifacts, string weightsSha256, string configSha256, string directory)
    {
        if (!artifacts.Contains(weightsSha256) || !artifacts.Contains(configSha256))
            return false;
        Directory.CreateDirectory(directory);
        File.Copy(artifacts.PathOf(weightsSha256), Path.Combine(directory, Weights), overwrite: true);
        File.Copy(artifacts.PathOf(configSha256), Path.Combine(directory, Config), overwrite: true);
        return true;
    }
}
