using System.Buffers.Binary;
using System.Security.Cryptography;
using LdcLedger.Torch.Devices;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Tests.Training;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Kernels;

/// <summary>
/// The promise of device <c>cpu</c>: the same bits on every machine. The constants below came out on AMD EPYC (AVX2); whatever gives
/// others is a new version of the arithmetic, to be told in the changelog.
/// </summary>
public sealed class ExactBitsTests
{
    [Theory]
    [InlineData("llama", "attention", "float32", 0.0, "3731341dce649c31dd4312cd2e74292630a8a33c876e4c0ef21ba5f940b806d4")]
    [InlineData("llama", "mlp", "float32", 0.2, "0062dab1d35d80b8cc17a48a70f7ff8090d2c6b988bd26136f3462adc39151c8")]
    [InlineData("llama", "all", "float32", 0.1, "4e1f334b9b088f27fbd58d239642463cac2156a854e7c3da8b86635a44b16bd2")]
    [InlineData("llama", "all", "bfloat16", 0.1, "5d04d1e0fd1b9f4ab141bbf32724828a3c28e993b7a66e446537dd1ee89977f0")]
    [InlineData("gemma3", "attention", "float32", 0.1, "48766d0f662c4e8d1b3de9db9e9cae72ea0993192eff5af23c2437154dd9240f")]
    [InlineData("gemma3", "mlp", "float32", 0.0, "b9009ab0b2a3bac8473ab3e9c0b3298fae1c3649fcb2f90c827b78b8b4b4329f")]
    [InlineData("gemma3", "all", "float32", 0.1, "a5e69864107fe3a4e351d42147df5fba30f5907f4723882c59937b93ff505cbf")]
    [InlineData("gemma3", "all", "bfloat16", 0.0, "f6086102b49f3ddf943fc9217859ee0a1ef63629d258a9b31c6c6f8f0d7c85fc")]
    public void A_training_has_the_bits_that_it_has_everywhere(string family, string regime, string dtype, double dropout, string sha256)
    {
        using var model = SmallModel.Load(family, dtype);

        Assert.All(Enumerable.Range(1, 3), threads => Assert.Equal(sha256, Facts(model, regime, dropout, threads, length: 300)));
    }

    /// <summary>A base is quantised by the same arithmetic everywhere, too.</summary>
    [Theory]
    [InlineData("llama", "nf4", "bfloat16", "ecb0a3a936131a497dc4b2abaf6759770a90059bde61eb48edaffcaf97c4690a")]
    [InlineData("llama", "nf4-double", "float32", "3569cb202e371aaaf9c1e09accace0f5a076d662e4a25757bc1a0c048bf932c5")]
    [InlineData("gemma3", "nf4-double", "bfloat16", "4237ad9807f3cc6290d44c47980b044762e694b273414ba15c04bbc5239034c6")]
    public void A_training_on_a_quantised_base_has_the_bits_that_it_has_everywhere(string family, string form, string dtype, string sha256)
    {
        using var model = SmallModel.Load(family, dtype, form);

        Assert.All(Enumerable.Range(1, 3), threads => Assert.Equal(sha256, Facts(model, "all", 0.1, threads, length: 120)));
    }

    /// <summary>Of a training of the projections themselves: losses, norms, what is left of the loss on other text, and they.</summary>
    [Theory]
    [InlineData("llama", "all", BaseForms.AsIs, "float32", "076ae77a95013fdb9133f1d4224b885cfba2f6e6de4d821c681eb543a6074af1")]
    [InlineData("llama", "attention", BaseForms.AsIs, "bfloat16", "2091dada558e5d7910269bb8e58b663e5692869bd66aa798e3241f97c0dd5475")]
    [InlineData("llama", "mlp", BaseForms.Nf4, "bfloat16", "b58d0a8e4e37dd3ba3426819eb01df132363437faa073f9977fcdff2e3ea197f")]
    [InlineData("gemma3", "all", BaseForms.AsIs, "bfloat16", "ca018b2a26caab38b2e1b0e166d0c086a5cea2480858ae0ec61831f234ecc983")]
    [InlineData("gemma3", "attention", BaseForms.Nf4Double, "float32", "ca87b454c31b032870a6350653f6dc962924dd527e0d17afa0716923f2470b5b")]
    [InlineData("gemma3", "mlp", BaseForms.AsIs, "float32", "c28a4b2ac7f0e4927e34d7123c53ba119da8b8c1ac828d037fd085e437fed231")]
    public void A_full_training_has_the_bits_that_it_has_everywhere(string family, string regime, string form, string dtype, string sha256)
    {
        using var model = SmallModel.Load(family, dtype, form);
        var file = Path.GetTempFileName();
        try
        {
            Assert.All(Enumerable.Range(1, 3), threads =>
            {
                using var training = new FullTraining(model, SmallModel.Text(7, 300),
                    SmallModel.Adapt(model, projections: ProjectionsOf(regime)).Targets,
                    new TrainingOptions(Epochs: 2, BatchRows: 3, Accumulation: 2, LearningRate: 1e-3, Seed: 11, Threads: threads));
                List<double> facts = [];
                training.Train(step => facts.AddRange([step.Nats, step.GradNorm]),
                    epoch => facts.AddRange(epoch.Norms.Select(norm => norm.DeltaFrobenius)));
                facts.Add(training.Evaluate(SmallModel.Text(3, 300, seed: 8), threads: threads).TotalNats);
                Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(
                    [.. facts.SelectMany(BitConverter.GetBytes), .. Convert.FromHexString(training.SaveProjections(file))])));
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>So short that a processor without vectors and fused multiply-adds ends it, too.</summary>
    [Theory]
    [InlineData("llama", "34aa3a53bfcbcf2d497800281c4784f51fd52b48afe5d0db830ec02916ba2a36")]
    [InlineData("gemma3", "54f5286c34b463a7d8471e754c2e04d11d78cee73a662471c127f0f76ec96ffd")]
    public void A_short_training_has_the_bits_that_it_has_everywhere(string family, string sha256)
    {
        using var model = SmallModel.Load(family);

        Assert.Equal(sha256, Facts(model, "all", dropout: 0.1, threads: 1, length: 20));
    }

    /// <summary>Other constants are another version: its number, and its row in the changelog.</summary>
    [Fact]
    public void The_constants_are_those_of_version_1() => Assert.Equal(1, DeviceArithmetic.NewestExact);

    private static string[]? ProjectionsOf(string regime) => regime switch
    {
        "attention" => SmallModel.Attention,
        "mlp" => SmallModel.Mlp,
        "all" => null,
        _ => throw new ArgumentOutOfRangeException(nameof(regime), regime, "It is no regime of these."),
    };

    /// <summary>SHA-256 of every number that a run records: losses, norms of each epoch, adapter, held-out nats, perplexity.</summary>
    private static string Facts(BaseModel model, string regime, double dropout, int threads, int length)
    {
        var options = new TrainingOptions(Epochs: 2, BatchRows: 3, Accumulation: 2, LearningRate: 5e-3, Schedule: Schedule.Cosine,
            WarmupShare: 0.2, WeightDecay: 0.01, Seed: 11, Threads: threads);
        using var facts = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var training = new LoraTraining(model, SmallModel.Text(7, length),
            SmallModel.Adapt(model, dropout, projections: ProjectionsOf(regime)), options);
        var adapter = training.Run(
            step => Add(step.Nats, step.GradNorm, step.LearningRate),
            epoch => Add([.. epoch.Norms.SelectMany(norm => new[] { norm.DeltaFrobenius, norm.BaseFrobenius })])).Adapter;
        Add([.. adapter.Modules.SelectMany(module => module.A.Concat(module.B)).Select(value => (double)value)]);
        var heldOut = Evaluation.Of(model, adapter, SmallModel.Text(3, length, seed: 8), threads: threads);
        Add(heldOut.TotalNats, heldOut.Perplexity);
        return Convert.ToHexStringLower(facts.GetHashAndReset());

        void Add(params double[] numbers)
        {
            var bytes = new byte[8 * numbers.Length];
            for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8 * i), numbers[i]);
            facts.AppendData(bytes);
        }
    }
}
