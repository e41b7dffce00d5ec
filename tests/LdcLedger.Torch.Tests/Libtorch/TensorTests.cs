using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LdcLedger.Torch.Libtorch;
using LdcLedger.Torch.Tests.Training;
using Xunit;

namespace LdcLedger.Torch.Tests.Libtorch;

/// <summary>What our door to libtorch promises. Collections are forced here, so nothing may run beside it that counts memory.</summary>
[Collection(nameof(MemoryTests))]
public sealed class TensorTests
{
    /// <summary>
    /// With TorchSharp's own conversions some of a million such calls fail within seconds ("Expected false to be true", "Unknown scalar
    /// type"), because finalizers free numbers that libtorch is reading.
    /// </summary>
    [Fact]
    public void Whatever_libtorch_reads_stays_alive_until_it_returns()
    {
        var cpu = Device.Named(Device.Cpu);
        cpu.UseThreads(1);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var (failures, calls) = (new ConcurrentBag<string>(), 0L);

        void Collect()
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        }

        void Compute()
        {
            cpu.UseThreads(1);
            using Tensor x = Tensor.zeros(48, 48, Dtype.Float32, cpu), y = Tensor.zeros(48, 48, Dtype.Float32, cpu);
            try
            {
                while (!stop.IsCancellationRequested)
                {
                    for (var i = 0; i < 50; i++) x.add_(1.5).mul_(0.5).add_(y);                  // settles at 1.5
                    Interlocked.Add(ref calls, 150);
                }
                var values = new float[48 * 48];
                x.CopyTo(values);
                Assert.All(values, value => Assert.Equal(1.5f, value, 1e-5f));
            }
            catch (Exception failure)
            {
                failures.Add(failure.Message);
            }
        }

        var threads = ((Action[])[Collect, Compute, Compute, Compute]).Select(work => new Thread(() => work())).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Empty(failures);
        Assert.InRange(calls, 10_000, long.MaxValue);
    }

    [Fact]
    public void An_error_of_libtorch_s_is_its_first_sentence_with_the_frames_inside()
    {
        var cpu = Device.Named(Device.Cpu);
        using Tensor a = Tensor.zeros(2, 3, Dtype.Float32, cpu), b = Tensor.zeros(2, 3, Dtype.Float32, cpu);

        var failure = Assert.Throws<LibtorchException>(() => a.mm(b));

        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", failure.Message);
        Assert.Contains("frame #", Assert.IsType<ExternalException>(failure.InnerException).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has", "CUDA out of memory.")]
    [InlineData("Expected false to be true, but got false.  (Could this error message be improved?)\nException raised from",
        "Expected false to be true, but got false.")]
    [InlineData("Tried to allocate 20.00 MiB\nframe #0", "Tried to allocate 20.00 MiB")]
    [InlineData("[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes. ",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.")]
    [InlineData("", "libtorch failed and gave no reason.")]
    public void A_first_sentence_ends_at_its_full_stop_or_line(string message, string sentence) =>
        Assert.Equal(sentence, LibtorchException.FirstSentence(message));

    [Fact]
    public void No_other_file_calls_TorchSharp()
    {
        string[] doors =
        [
            "LdcLedger.Bench/Training/AutogradTraining.cs", "LdcLedger.Torch/Libtorch/Device.cs",
            "LdcLedger.Torch/Libtorch/Tensor.Dispatched.cs", "LdcLedger.Torch/Libtorch/Tensor.Operations.cs",
            "LdcLedger.Torch/Libtorch/Tensor.cs", "LdcLedger.Torch/Libtorch/TorchRuntime.cs",
        ];
        var source = Path.Combine(Tokenizers.RepositoryFiles.Root, "src");
        var calling = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => File.ReadLines(file)
                .Any(line => !line.TrimStart().StartsWith('/') && line.Contains("TorchSharp.", StringComparison.Ordinal)
                || line.StartsWith("using TorchSharp", StringComparison.Ordinal)));

        Assert.Equal(doors, calling.Select(file => Path.GetRelativePath(source, file)).Order(StringComparer.Ordinal));
    }
}
