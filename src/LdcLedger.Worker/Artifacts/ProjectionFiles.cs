using LdcLedger.Domain.Runs;
using LdcLedger.Torch.Adapters;
using LdcLedger.Torch.Training;

namespace LdcLedger.Worker.Artifacts;

/// <summary>Projections that a run trained themselves, as an artifact: one file of safetensors.</summary>
public static class ProjectionFiles
{
    internal static ProjectionsSaved Save(RunPlanned run, FullTraining training, ArtifactFolder artifacts)
    {
        var sha256 = artifacts.Put(training.SaveProjections);
        return new(run.StudyId, run.RunId, sha256, new FileInfo(artifacts.PathOf(sha256)).Length);
    }

    /// <summary>Lays them out as a folder that <c>ldc adapter merge</c> takes.</summary>
    /// <returns>Whether the file was there.</returns>
    public static bool Export(ArtifactFolder artifacts, string sha256, string directory)
    {
        if (!artifacts.Contains(sha256))
            return false;
        Directory.CreateDirectory(directory);
        File.Copy(artifacts.PathOf(sha256), Path.Combine(directory, ProjectionsMerge.FileName), overwrite: true);
        return true;
    }
}
