using LdcLedger.Domain.Identity;

namespace LdcLedger.Domain.Specs;

/// <summary>A model of the spec as it lies on disk: what it is, and the hashes that tell it apart from any other.</summary>
/// <param name="Family">llama or gemma3.</param>
/// <param name="Architecture">The first of config.json's architectures.</param>
/// <param name="Layers">Number of transformer layers.</param>
/// <param name="Parameters">Number of weights of the text model, a tied head counted once.</param>
/// <param name="WeightsSha256">SHA-256 of model.safetensors; of a sharded checkpoint that of the lines <c>sha256sum</c> prints for its
/// shards, sorted by name.</param>
/// <param name="ConfigSha256">SHA-256 of config.json.</param>
/// <param name="TokenizerSha256">SHA-256 over everything that decides how text becomes ids: tokenizer.json and what the files beside it
/// add.</param>
public sealed record ResolvedModel(
    string Name,
    [property: NoIdentity] string Path,
    [property: NoIdentity] string Family,
    [property: NoIdentity] string Architecture,
    [property: NoIdentity] int Layers,
    [property: NoIdentity] long Parameters,
    string WeightsSha256,
    string ConfigSha256,
    string TokenizerSha256);

/// <summary>A domain's corpus as it lies on disk.</summary>
/// <param name="Format">jsonl, parquet, text or code: what <c>auto</c> was resolved to.</param>
/// <param name="Sha256">Of the file; of a folder, of the lines <c>sha256sum</c> prints for its files, sorted by name.</param>
/// <param name="Records">That can be used, blank ones left out.</param>
/// <param name="Fields">As the spec names them; null: the usual ones.</param>
/// <param name="SkippedRecords">That cannot be used and are left out, as the spec asks for.</param>
public sealed record ResolvedDomain(
    string Name,
    [property: NoIdentity] string Path,
    string Format,
    string Sha256,
    [property: NoIdentity] long Bytes,
    [property: NoIdentity] int Records,
    [property: NoIdentity] int HeldOutRecords,
    [property: FirstDefault(null)] DomainFields? Fields = null,
    [property: NoIdentity] int SkippedRecords = 0);
