using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Training;

/// <summary>
/// Everything that the rest of a run depends on: parameters, both moments, and the step, from which schedule, data position and dropout
/// follow.
/// </summary>
/// <param name="Step">Steps done.</param>
/// <param name="EpochLosses">Of the epoch's steps so far: what the epoch will have to say when it ends.</param>
public sealed record TrainingCheckpoint(int Step, float[] Parameters, float[] FirstMoments, float[] SecondMoments,
    IReadOnlyList<StepLoss> EpochLosses)
{
    private const string Format = "ldc-checkpoint/1";

    /// <summary>Writes it whole or not at all.</summary>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    public string Write(string path)
    {
        SafetensorsWriter.Write(path,
            [
                new WrittenTensor("parameters", [Parameters.Length], Parameters),
                new WrittenTensor("first_moments", [FirstMoments.Length], FirstMoments),
                new WrittenTensor("second_moments", [SecondMoments.Length], SecondMoments),
            ],
            new Dictionary<string, string>
            {
                ["checkpoint"] = Format,
                ["step"] = Step.ToString(CultureInfo.InvariantCulture),
                ["epoch_losses"] = JsonSerializer.Serialize(EpochLosses),
            });
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <param name="path">As written by <see cref="Write"/>.</param>
    /// <param name="sha256">What <see cref="Write"/> returned; null: not checked.</param>
    /// <exception cref="InvalidInputException">The file is missing, damaged, or no checkpoint.</exception>
    public static TrainingCheckpoint Read(string path, string? sha256 = null)
    {
        using var file = Open(path, sha256, Format, out var step, out var losses);
        return new TrainingCheckpoint(
            step, file["parameters"].ToFloats(), file["first_moments"].ToFloats(), file["second_moments"].ToFloats(), losses);
    }

    /// <summary>The file of a checkpoint, known to be whole and of a format.</summary>
    internal static SafetensorsFile Open(string path, string? sha256, string format, out int step, out IReadOnlyList<StepLoss> epochLosses)
    {
        if (sha256 is not null)
        {
            if (!File.Exists(path)) throw new InvalidInputException($"{path} does not exist.");
            using var bytes = File.OpenRead(path);
            var found = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (!found.Equals(sha256, StringComparison.OrdinalIgnoreCase))
                throw new InvalidInputException($"{path} has SHA-256 {found}; the checkpoint was recorded as {sha256}.");
        }
        var file = new SafetensorsFile(path);
        if (file.Metadata.GetValueOrDefault("checkpoint") != format
            || !int.TryParse(file.Metadata.GetValueOrDefault("step"), CultureInfo.InvariantCulture, out step) || step < 0)
        {
            file.Dispose();
            throw new InvalidInputException($"{path} is not a checkpoint of a run ({format}).");
        }
        epochLosses = JsonSerializer.Deserialize<List<StepLoss>>(file.Metadata.GetValueOrDefault("epoch_losses", "[]"))!;
        return file;
    }
}
