using System.Globalization;
using LdcLedger.Domain.Runs;
using LdcLedger.Domain.Specs;
using LdcLedger.Torch;
using LdcLedger.Torch.Corpora;
using LdcLedger.Torch.Inputs;
using LdcLedger.Torch.Models;
using LdcLedger.Torch.Packing;
using LdcLedger.Torch.Safetensors;
using LdcLedger.Torch.Tokenizers;
using LdcLedger.Torch.Training;

namespace LdcLedger.Worker.Devices;

/// <summary>
/// Bases, prepared corpora and frozen activations of a worker, each made once and shared by the runs that need it. Whatever is loaded is
/// proved to be what the run was planned with, by its SHA-256.
/// </summary>
/// <param name="device">cpu or cuda:N.</param>
/// <param name="scratch">Folder for what memory has no room for; null: there is none.</param>
public sealed class RunInputs(string device, string? scratch = null) : IDisposable
{
    // A base of the reference study takes gigabytes, so at most one lies unused; the others are small beside it.
    private readonly SharedInputs<(string Weights, string Config, string Dtype, string Form), BaseModel> _bases = new(idle: 1);
    private readonly SharedInputs<(ResolvedDomain Domain, string Tokenizer, DataSpec Spec, EvaluationSpec Evaluation), DomainData>
        _corpora = new(idle: 16);
    private readonly SharedInputs<(string Weights, string Dtype, string Form, string Rows, int Layer), FrozenPrefixes> _prefixes =
        new(idle: 4);

    /// <summary>
    /// Memory that the activations below one layer may take, training and held-out rows together; where they need more, they go to disk.
    /// </summary>
    public long PrefixMemory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16;

    /// <summary>Disk that they may take: a quarter of what is free; where they need more, they are computed in every step.</summary>
    public static long PrefixDisk(string folder) => new DriveInfo(folder).AvailableFreeSpace / 4;

    public string Device { get; } = device;

    public SharedInputs<(string Weights, string Config, string Dtype, string Form), BaseModel>.Borrowed Base(
        RunPlanned run, ResolvedModel model) =>
        _bases.Borrow((run.WeightsSha256, run.ConfigSha256, run.Training.Dtype, run.Training.Base), () =>
        {
            using (var checkpoint = new Checkpoint(model.Path))
                Expect("weights", model.Path, InputHashes.OfWeights(checkpoint.Files), run.WeightsSha256);
            Expect("config.json", model.Path, InputHashes.OfFile(Path.Combine(model.Path, "config.json")), run.ConfigSha256);
            return BaseModel.Load(model.Path, run.Training.Dtype, Device, run.Training.Base);
        });

    public SharedInputs<(ResolvedDomain Domain, string Tokenizer, DataSpec Spec, EvaluationSpec Evaluation), DomainData>.Borrowed Corpus(
        RunPlanned run, ResolvedModel model, ResolvedDomain domain) =>
        _corpora.Borrow((SameContent(domain) with { Sha256 = run.DataSha256 }, run.TokenizerSha256, run.Data, run.Evaluation), () =>
        {
            var tokenizer = Tokenizer.Load(model.Path);
            Expect("tokenizer", model.Path, DocumentTemplate.TokenizerHash(run.Data.Template, tokenizer), run.TokenizerSha256);
            var data = Prepare(domain, tokenizer, run.Data, run.Evaluation, scratch);
            if (data.CorpusHash == run.DataSha256)
                return data;
            data.Dispose();
            throw Changed("corpus", domain.Path, data.CorpusHash, run.DataSha256);
        });

    /// <summary>A corpus as the spec's <c>data</c> and <c>evaluation</c> want it.</summary>
    /// <param name="scratch">Folder for ids that memory has no room for; null: the system's for temporary files.</param>
    /// <exception cref="InvalidInputException">It cannot be read, or gives too little to train on or to hold out.</exception>
    public static DomainData Prepare(
        ResolvedDomain domain, Tokenizer tokenizer, DataSpec data, EvaluationSpec evaluation, string? scratch = null) =>
        DomainData.Prepare(domain.Path, domain.Format, tokenizer, DomainDataOptions.Of(
            data.Length, data.Template, data.LossOn, data.HeldOut, data.MaxTokens, evaluation.Length, evaluation.Stride, data.OnBadRecord),
            domain.Fields is { } fields ? new(fields.Prompt, fields.Response, fields.Text) : null, scratch);

    // What it is called, where it lies and what was counted there make no other rows of it.
    private static ResolvedDomain SameContent(ResolvedDomain domain) =>
        domain with { Name = "", Path = "", Bytes = 0, Records = 0, HeldOutRecords = 0, SkippedRecords = 0 };

    /// <summary>
    /// Activations below <paramref name="layer"/>; null where there is nothing below it or they exceed memory's and disk's budget.
    /// </summary>
    public SharedInputs<(string Weights, string Dtype, string Form, string Rows, int Layer), FrozenPrefixes>.Borrowed? Prefixes(
        RunPlanned run, BaseModel model, DomainData data, int layer)
    {
        var bytes = FrozenPrefixes.BytesFor(model.Config, data);
        if (layer == 0)
            return null;
        var folder = bytes > PrefixMemory ? scratch : null;
        if (bytes > PrefixMemory && (folder is null || bytes > PrefixDisk(Directory.CreateDirectory(folder).FullName)))
            return null;
        return _prefixes.Borrow((run.WeightsSha256, run.Training.Dtype, run.Training.Base, data.RowsHash, layer),
            () => FrozenPrefixes.Of(model, data, layer, folder));
    }

    internal static void Expect(string what, string path, string found, string planned)
    {
        if (found != planned)
            throw Changed(what, path, found, planned);
    }

    private static InvalidInputException Changed(string what, string path, string found, string planned) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"The {what} at {path} changed since the study was submitted: SHA-256 is {found}, planned was {planned}."));

    public void Dispose()
    {
        _prefixes.Dispose();
        _corpora.Dispose();
        _bases.Dispose();
    }
}
