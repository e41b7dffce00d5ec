using System.Security.Cryptography;
using LdcLedger.Worker.Artifacts;
using Xunit;

namespace LdcLedger.Worker.Tests;

public sealed class ArtifactFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-artifacts-").FullName;

    [Fact]
    public void A_file_is_named_by_the_hash_of_its_bytes()
    {
        var artifacts = new ArtifactFolder(Path.Combine(_folder, "deep", "artifacts"));

        var name = artifacts.Put("adapter"u8.ToArray());

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("adapter"u8)), name);
        Assert.Equal("adapter"u8, artifacts.Find(name)!);
        Assert.Equal([artifacts.PathOf(name)], Directory.GetFiles(artifacts.Path));
    }

    [Fact]
    public void The_same_bytes_are_kept_once()
    {
        var artifacts = new ArtifactFolder(_folder);

        Assert.Equal(artifacts.Put("x"u8.ToArray()), artifacts.Put("x"u8.ToArray()));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_damaged_file_counts_as_missing()
    {
        var artifacts = new ArtifactFolder(_folder);
        var name = artifacts.Put("checkpoint"u8.ToArray());
        File.WriteAllText(artifacts.PathOf(name), "checkpoin");

        Assert.Null(artifacts.Find(name));
    }

    [Fact]
    public void What_is_not_there_is_not_found()
    {
        var artifacts = new ArtifactFolder(_folder);

        Assert.Null(artifacts.Find(new string('0', 64)));
        artifacts.Discard(new string('0', 64));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
