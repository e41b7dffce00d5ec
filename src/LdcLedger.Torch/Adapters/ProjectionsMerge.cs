using LdcLedger.Torch.Nf4;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Adapters;

/// <summary>
/// Puts projections that were trained themselves into a copy of their base, rounded once to the types in which the base stores them.
/// </summary>
public static class ProjectionsMerge
{
    /// <summary>Of the trained projections in their folder.</summary>
    public const string FileName = "projections.safetensors";

    public static bool IsIn(string directory) => InputEntry.At(Path.Combine(directory, FileName)).IsThere;

    /// <param name="baseDirectory">A checkpoint with the tensors' names: that which they were trained from.</param>
    /// <param name="directory">Folder of the trained projections.</param>
    /// <param name="target">Must not exist yet; appears whole or not at all.</param>
    /// <returns>How many projections were put in.</returns>
    /// <exception cref="InvalidInputException">The target exists, a file cannot be read, or a tensor does not fit the base.</exception>
    public static int Write(string baseDirectory, string directory, string target)
    {
        if (Path.Exists(target))
            throw new InvalidInputException($"\"{target}\" already exists; a new folder is needed for the merged checkpoint.");
        using var trained = new SafetensorsFile(Path.Combine(directory, FileName));
        using var checkpoint = new Checkpoint(baseDirectory);
        var changes = new List<(MappedTensor Weight, Func<float[]> Numbers)>();
        foreach (var tensor in trained.Tensors.Values)
        {
            if (!checkpoint.Tensors.TryGetValue(tensor.Name, out var weight))
                throw new InvalidInputException($"The projections do not match the base: {baseDirectory} has no tensor {tensor.Name}.");
            if (Nf4Checkpoint.Holds(checkpoint, tensor.Name))
                throw new InvalidInputException($"{baseDirectory} was saved quantised, in nf4: nothing can be put in place of its "
                    + $"{tensor.Name}, so the checkpoint that it was made from is needed.");
            if (!weight.Shape.SequenceEqual(tensor.Shape))
                throw new InvalidInputException($"The projections do not match the base: their {tensor.Name} is "
                    + $"{PeftAdapter.Shape(tensor)}, and that of {baseDirectory} {PeftAdapter.Shape(weight)}.");
            weight.OfFloats();
            changes.Add((weight, tensor.OfFloats().ToFloats));
        }
        AdapterMerge.Write(checkpoint, changes, target);
        return changes.Count;
    }
}
