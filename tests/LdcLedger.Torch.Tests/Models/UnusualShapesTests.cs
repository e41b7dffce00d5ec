using System.Globalization;
using LdcLedger.Bench.Training;
using LdcLedger.Torch.Lora;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tests.Corpora;
using LdcLedger.Torch.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Models;

/// <summary>
/// Sizes that no published model has, against automatic differentiation of the same model: nothing may depend on multiples of anything.
/// </summary>
public sealed class UnusualShapesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // One layer, three query heads on one key head, a vocabulary smaller than a panel.
    [InlineData(
        """
        {"model_type":"llama","hidden_size":48,"intermediate_size":80,"num_hidden_layers":1,"num_attention_heads":3,
         "num_key_value_heads":1,"head_dim":16,"vocab_size":23,"tie_word_embeddings":true}
        """, 33, 3)]
    [InlineData(
        """
        {"model_type":"llama","hidden_size":17,"intermediate_size":19,"num_hidden_layers":2,"num_attention_heads":1,
         "num_key_value_heads":1,"head_dim":2,"vocab_size":101}
        """, 7, 1)]
    [InlineData(
        """
        {"model_type":"llama","hidden_size":33,"intermediate_size":65,"num_hidden_layers":2,"num_attention_heads":3,
         "num_key_value_heads":3,"head_dim":6,"vocab_size":257,"tie_word_embeddings":true}
        """, 64, 2)]
    [InlineData(
        """
        {"model_type":"llama","hidden_size":100,"intermediate_size":36,"num_hidden_layers":1,"num_attention_heads":2,
         "num_key_value_heads":1,"head_dim":100,"vocab_size":40}
        """, 17, 4)]
    [InlineData(
        """
        {"model_type":"llama","hidden_size":64,"intermediate_size":128,"num_hidden_layers":1,"num_attention_heads":2,
         "num_key_value_heads":2,"head_dim":256,"vocab_size":64,"rope_scaling":{"rope_type":"linear","factor":3}}
        """, 130, 1)]
    [InlineData(
        """
        {"model_type":"gemma3_text","hidden_size":40,"intermediate_size":56,"num_hidden_layers":1,"num_attention_heads":5,
         "num_key_value_heads":5,"head_dim":8,"vocab_size":29,"sliding_window":1}
        """, 20, 2)]
    [InlineData(
        """
        {"model_type":"gemma3_text","hidden_size":39,"intermediate_size":50,"num_hidden_layers":3,"num_attention_heads":4,
         "num_key_value_heads":2,"head_dim":24,"vocab_size":70,"sliding_window":5,"query_pre_attn_scalar":10,
         "layer_types":["full_attention","sliding_attention","full_attention"]}
        """, 70, 1)]
    [InlineData(
        """
        {"model_type":"gemma3_text","hidden_size":32,"intermediate_size":33,"num_hidden_layers":2,"num_attention_heads":2,
         "num_key_value_heads":1,"head_dim":66,"vocab_size":34,"sliding_window":1000,"sliding_window_pattern":1,
         "tie_word_embeddings":false}
        """, 9, 5)]
    public void Losses_are_those_of_automatic_differentiation(string config, int length, int batch)
    {
        _folder.File("config.json", config);
        var shape = ModelConfig.Read(_folder.Path);
        Write(shape);
        using var model = BaseModel.Load(_folder.Path);
        using var aten = BaseModel.Load(_folder.Path, "float32", "cpu:torch");
        const int steps = 4;
        var data = Text(shape, steps * batch, length);
        var targets = Enumerable.Range(0, shape.Layers)
            .SelectMany(layer => ModelConfig.ProjectionNames.Select(name => new LoraTarget(layer, name)));
        var lora = new LoraOptions(2, 4, 0, [.. targets]);
        // So many epochs that the rate is still the highest when the comparison ends: the baseline has no schedule.
        var options = new TrainingOptions(Epochs: 100_000, BatchRows: batch, LearningRate: 1e-2, Eps: 1e-6, WeightDecay: 0, Shuffle: false,
            Schedule: Schedule.Linear);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        List<double> ours = [];
        using var training = new LoraTraining(model, data, lora, options);
        Assert.Throws<OperationCanceledException>(() => training.Run(step =>
        {
            ours.Add(step.MeanLossNats);
            if (step.Step == steps) enough.Cancel();
        }, cancellation: enough.Token));

        using var autograd = new AutogradTraining(aten, lora, options, length, threads: 1);
        for (var step = 0; step < steps; step++)
        {
            var theirs = autograd.Step(data, [.. Enumerable.Range(step * batch, batch)]);
            Assert.True(Math.Abs(ours[step] - theirs) <= 5e-5 * theirs,
                string.Create(CultureInfo.InvariantCulture, $"step {step + 1}: {ours[step]} instead of {theirs}"));
        }
    }

    private static PackedRows Text(ModelConfig config, int rows, int length)
    {
        var random = new SplitMix(11);
        int[] ids = new int[rows * length], labels = new int[ids.Length], positions = new int[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            // Every other row is one document.
            var begins = i % length == 0 || (i / length % 2 == 1 && random.NextDouble() < 0.2);
            ids[i] = random.NextInt(config.Vocab);
            positions[i] = begins ? 0 : positions[i - 1] + 1;
            labels[i] = begins ? PackedRows.NotScored : ids[i];
        }
        return new PackedRows(length, ids, labels, positions);
    }

    private void Write(ModelConfig config)
    {
        var random = new SplitMix(5);
        var gemma = config.Family == ModelFamilies.Gemma3;
        List<WrittenTensor> tensors =
            [Tensor("model.embed_tokens.weight", 0.4, config.Vocab, config.Hidden), Norm("model.norm", config.Hidden)];
        if (!config.TiedHead) tensors.Add(Tensor("lm_head.weight", 0.4, config.Vocab, config.Hidden));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var name in ModelConfig.ProjectionNames)
                tensors.Add(Tensor($"{config.ModulePath(layer, name)}.weight", 1.5 / Math.Sqrt(config.ShapeOf(name).In),
                    config.ShapeOf(name).Out, config.ShapeOf(name).In));
            string[] norms = gemma ? ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm",
                "post_feedforward_layernorm"] : ["input_layernorm", "post_attention_layernorm"];
            tensors.AddRange(norms.Select(name => Norm($"model.layers.{layer}.{name}", config.Hidden)));
            if (gemma)
                tensors.AddRange([Norm($"model.layers.{layer}.self_attn.q_norm", config.HeadDim),
                    Norm($"model.layers.{layer}.self_attn.k_norm", config.HeadDim)]);
        }
        SafetensorsWriter.Write(Path.Combine(_folder.Path, "model.safetensors"), tensors);

        WrittenTensor Norm(string name, int width) => Filled($"{name}.weight", 0.2, [width], gemma ? 0 : 1);

        WrittenTensor Tensor(string name, double scale, params long[] shape) => Filled(name, scale, shape, 0);

        WrittenTensor Filled(string name, double scale, long[] shape, double mean) => new(name, shape,
            Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b))
                .Select(_ => (float)(mean + scale * (2 * random.NextDouble() - 1))).ToArray());
    }
}
