using System.Collections.Concurrent;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Kernels;
using LdcLedger.Torch.Kernels.Simd;

namespace LdcLedger.Torch.Models;

/// <summary>A frozen base, loaded once and read by any number of runs at the same time.</summary>
public sealed class BaseModel : IDisposable
{
    private readonly ConcurrentDictionary<(int Layer, string Projection), double> _norms = new();

    private Func<Arithmetic>? _rehearsed;

    private readonly string _prefix;

    private BaseModel(string directory, CausalModel model, string dtype, string device, string form, TextTower tower) =>
        (Directory, Model, Dtype, Device, Form, _prefix) = (directory, model, dtype, device, form, tower.Prefix);

    public string Directory { get; }

    /// <summary>
    /// float32 or bfloat16: what the frozen weights are kept in, or dequantised to. On the CPU activations are fp32 either way.
    /// </summary>
    public string Dtype { get; }

    /// <summary>One of <see cref="BaseForms"/>: what the projections were made before they were frozen.</summary>
    public string Form { get; }

    /// <summary>cpu, or cuda:N.</summary>
    public string Device { get; }

    public ModelConfig Config => Model.Config;

    /// <summary>What makes the numbers of runs on this base; <see cref="DeviceArithmetic.NameOn"/> says how it reads.</summary>
    public string ArithmeticName
    {
        get
        {
            using var arithmetic = DeviceArithmetic.New(Device);
            return arithmetic.Name;
        }
    }

    internal CausalModel Model { get; }

    /// <summary>Whether several threads with an arithmetic of their own make sense; ATen is parallel inside its operations.</summary>
    internal bool ParallelByRows => DeviceArithmetic.IsExact(Device);

    /// <param name="directory">Hugging Face directory: config.json and model.safetensors, or shards with their index.</param>
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="device">cpu, cuda or cuda:N.</param>
    /// <param name="form">One of <see cref="BaseForms"/>.</param>
    /// <exception cref="InvalidInputException">The directory, or a value, cannot be used.</exception>
    public static BaseModel Load(string directory, string dtype = "float32", string device = "cpu", string form = BaseForms.AsIs) =>
        Load(directory, dtype, device, form, quantisedAs: dtype, null);

    /// <param name="quantisedAs">float32 or bfloat16: what projections are cast to before they are quantised.</param>
    /// <param name="only">A configuration to read in place of the directory's, with fewer layers.</param>
    internal static BaseModel Load(string directory, string dtype, string device, string form, string quantisedAs, ModelConfig? only)
    {
        if (dtype is not ("float32" or "bfloat16")) throw new InvalidInputException($"dtype is {dtype}; float32 and bfloat16 are allowed.");
        using var opened = ModelDirectory.Open(directory);
        BaseForms.Check(form, opened.Config, directory);
        return Made(directory, only ?? opened.Config, BaseForms.Of(opened.Source, form, quantisedAs), dtype, device, form);
    }

    /// <summary>A base of some shape with random weights: as fast as a trained one.</summary>
    internal static BaseModel Random(ModelConfig config, string dtype, string device, string form = BaseForms.AsIs, long seed = 1) =>
        Made("", config, BaseForms.Of(new RandomSource(seed), FormOf(config, form), dtype), dtype, device, form);

    /// <summary>A base without any numbers, whose arithmetic reckons what it would take.</summary>
    /// <param name="device">For which it is reckoned.</param>
    internal static BaseModel Rehearsed(ModelConfig config, string dtype, string form, string device, Func<Arithmetic> arithmetic)
    {
        var model = config.Family.Load(BaseForms.Of(new RandomSource(0), FormOf(config, form), dtype), config, arithmetic(),
            dtype == "bfloat16");
        return new BaseModel("", model, dtype, device, form, TextTower.Usual) { _rehearsed = arithmetic };
    }

    // What has only the shape of a checkpoint is as large and as fast as that is.
    private static string FormOf(ModelConfig config, string form) => config.StoredForm ?? form;

    /// <summary>
    /// Reads nothing but headers and norm weights: whether every tensor that the configuration implies is there, in its shape and of a type
    /// that can be read.
    /// </summary>
    /// <exception cref="InvalidInputException">A tensor is missing, or has another shape or type.</exception>
    internal static void Check(WeightSource source, ModelConfig config) =>
        config.Family.Load(source, config, new Rehearsal(), false).Dispose();

    private static BaseModel Made(string directory, ModelConfig config, WeightSource weights, string dtype, string device, string form)
    {
        using var arithmetic = DeviceArithmetic.New(device, dtype);
        var model = config.Family.Load(weights, config, arithmetic, dtype == "bfloat16");
        return new BaseModel(directory, model, dtype, device, form, weights.Tower);
    }

    /// <summary>||W||_F of one projection, in fp64; of a quantised one that of the dequantised weight. Computed once.</summary>
    public double FrobeniusNorm(int layer, string projection) => _norms.GetOrAdd((layer, projection), key =>
    {
        var (weight, row, rows) = Find(key.Layer, key.Projection);
        return weight.FrobeniusNorm(row, rows);
    });

    /// <summary>One projection's weight [out, in], row-major, as it is computed with.</summary>
    public float[] Weight(int layer, string projection)
    {
        var (weight, row, rows) = Find(layer, projection);
        return weight.ToArray(row, rows);
    }

    /// <summary>What the checkpoint calls the weight of a projection.</summary>
    public string TensorName(int layer, string projection) =>
        $"{_prefix}layers.{layer}.{Projection.Named(projection).Module}.{projection}.weight";

    /// <summary>One per thread of work.</summary>
    internal Arithmetic NewArithmetic() => _rehearsed?.Invoke() ?? DeviceArithmetic.New(Device, Dtype);

    /// <summary>The fused weight that a projection is a part of, and which of its rows are the projection's.</summary>
    internal (FrozenWeight Weight, int Row, int Rows) Find(int layer, string projection)
    {
        if (layer < 0 || layer >= Config.Layers)
            throw new InvalidInputException($"There is no layer {layer}; the model has layers 0 to {Config.Layers - 1}.");
        var found = Projection.Named(projection);
        return (Model.Blocks[layer].At(found.Site), found.FirstOutputIn(Config), found.ShapeIn(Config).Out);
    }

    public void Dispose() => Model.Dispose();
}
