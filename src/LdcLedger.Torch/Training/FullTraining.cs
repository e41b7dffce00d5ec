using System.Globalization;
using System.Text.Json;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;

namespace LdcLedger.Torch.Training;

/// <summary>
/// A run that trains projections themselves, in fp32, from the base's as they are computed with; the base's own stay as they are, for other
/// runs and to measure against.
/// </summary>
public sealed class FullTraining : TrainingLoop
{
    private const string Format = "ldc-full-checkpoint/1";

    private readonly BaseModel _model;
    private readonly FullLayout _layout;

    /// <param name="targets">The projections that are trained.</param>
    /// <param name="prefix">Activations below the lowest trained layer, shared between runs; null: computed in every step.</param>
    /// <exception cref="InvalidInputException">An option that the model or the data does not allow.</exception>
    public FullTraining(BaseModel model, ITokenRows data, IEnumerable<LoraTarget> targets, TrainingOptions options,
        FrozenPrefix? prefix = null)
        : this(model, data, new FullLayout(model.Config, targets), options, prefix) { }

    private FullTraining(BaseModel model, ITokenRows data, FullLayout layout, TrainingOptions options, FrozenPrefix? prefix)
        : base(model, data, layout, options, dropout: 0, prefix)
    {
        (_model, _layout) = (model, layout);
        foreach (var (i, slot) in layout.Slots.Index()) Parameters.Rows[i].Set(model.Weight(slot.Layer, slot.Projection.Name));
    }

    /// <summary>||W - W0||_F, in fp64.</summary>
    public override IReadOnlyList<UpdateNorm> Norms() => [.. _layout.Slots.Select((slot, i) => new UpdateNorm(
        _model.Config.ModulePath(slot.Layer, slot.Projection.Name), slot.Layer, slot.Projection.Name,
        Distance(Parameters.Rows[i].ToArray(), _model.Weight(slot.Layer, slot.Projection.Name)),
        _model.FrobeniusNorm(slot.Layer, slot.Projection.Name), slot.Out, slot.In))];

    private static double Distance(float[] trained, float[] before)
    {
        double sum = 0;
        for (var i = 0; i < trained.Length; i++)
        {
            var moved = (double)trained[i] - before[i];
            sum += moved * moved;
        }
        return Math.Sqrt(sum);
    }

    /// <summary>Writes the trained projections as safetensors in fp32, under the names that the base's checkpoint gives them.</summary>
    /// <returns>SHA-256 of the file, lower-case hex.</returns>
    public string SaveProjections(string path) => SafetensorsWriter.WriteHashed(path, _layout.Slots.Select((slot, i) => new WrittenTensor(
        _model.TensorName(slot.Layer, slot.Projection.Name), [slot.Out, slot.In], Parameters.Rows[i].ToArray)));

    public override string SaveCheckpoint(string path) => SafetensorsWriter.WriteHashed(path,
        [.. Rows("parameters", Parameters), .. Rows("first_moments", First), .. Rows("second_moments", Second)],
        new Dictionary<string, string>
        {
            ["checkpoint"] = Format,
            ["step"] = Step.ToString(CultureInfo.InvariantCulture),
            ["epoch_losses"] = JsonSerializer.Serialize(EpochLosses),
        });

    public override void ResumeFrom(string path, string? sha256 = null)
    {
        using var file = TrainingCheckpoint.Open(path, sha256, Format, out var step, out var losses);
        var rows = ((string Part, FlatRows Rows)[])[("parameters", Parameters), ("first_moments", First), ("second_moments", Second)];
        foreach (var (part, of) in rows)
            for (var i = 0; i < of.Rows.Count; i++)
                if (!file.Tensors.TryGetValue(NameOf(part, i), out var tensor) || tensor.Elements != of.Rows[i].Columns)
                    throw new InvalidInputException(
                        $"The checkpoint has no {NameOf(part, i)} of {of.Rows[i].Columns} numbers, so it is of another run.");
        GoOnFrom(step, losses);
        foreach (var (part, of) in rows)
            for (var i = 0; i < of.Rows.Count; i++) of.Rows[i].Set(file[NameOf(part, i)].ToFloats());
    }

    private IEnumerable<WrittenTensor> Rows(string part, FlatRows rows) => rows.Rows.Select((row, i) =>
        new WrittenTensor(NameOf(part, i), [row.Columns], row.ToArray));

    private string NameOf(string part, int row) =>
        $"{part}.{_layout.Slots[row].Layer}.{_layout.Slots[row].Projection.Name}";
}
