using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text;
using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>Whole studies, each a process or several, on a private PostgreSQL and with the real engine.</summary>
public sealed class StudyRunTests(FinishedStudy finished)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_study_runs_to_its_report_and_the_same_again_is_complete()
    {
        var (study, run) = await finished.CopyAsync();
        using var _ = study;

        Assert.Contains("Held-out perplexity", run.Out, StringComparison.Ordinal);
        Assert.Contains("[4/4]", run.Err, StringComparison.Ordinal);
        Assert.All(
            new[]
            {
                "report.pdf", "report.html", "report.tex", "report.md", "report.json",
                "figures/fig_norm_tiny-llama_math.svg", "figures/fig_norm_tiny-llama_math.png",
                "adapters/tiny-llama/math/all/adapter_model.safetensors", "adapters/tiny-llama/math/top-1-mlp/adapter_config.json",
            },
            file => Assert.True(File.Exists(study[$"results/{file}"]), file));
        Assert.NotEmpty(Directory.GetFiles(study["results/tables"], "*.csv"));

        var listed = Assert.Single((await study.Ask("study", "list", "--json")).Json.EnumerateArray().ToList());
        Assert.Equal("completed", listed.GetProperty("status").GetString());
        var shown = (await study.Ask("study", "show", "small", "--json")).Json;
        Assert.Equal(4, shown.GetProperty("runs").GetArrayLength());
        var baseline = (await study.Ask("run", "list", "--study", "small", "--status", "completed", "--json")).Json.EnumerateArray()
            .First();
        var history = await study.Ask("run", "show", baseline.GetProperty("id").GetString()![..8]);
        Assert.Contains("run_completed", history.Out, StringComparison.Ordinal);

        var verified = await study.Ask("ledger", "verify", "--study", "small", "--json");
        Assert.Equal(0, verified.Code);
        Assert.True(verified.Json.GetProperty("is_intact").GetBoolean());
        Assert.Contains(
            verified.Json.GetProperty("root").GetString()!, File.ReadAllText(study["results/report.html"]), StringComparison.Ordinal);

        var reproduced = await study.Ask("study", "reproduce", "small", "--sample", "2", "--seed", "7", "--out", "statement.txt");
        Assert.True(reproduced.Code == 0, reproduced.Err);
        Assert.Contains("every value is equal in every bit", reproduced.Out, StringComparison.Ordinal);
        Assert.Equal(reproduced.Out.Trim(), File.ReadAllText(study["statement.txt"]).Trim());
        Assert.Contains(verified.Json.GetProperty("root").GetString()!, reproduced.Out, StringComparison.Ordinal);

        var again = await study.Ask("study", "run", "study.yaml", "--out", "again");
        Assert.Equal(0, again.Code);
        Assert.Contains("is complete", again.Err, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(study["results/report.pdf"]), File.ReadAllBytes(study["again/report.pdf"]));

        var report = await study.Ask("report", "build", "small", "--rule", "block-sum", "--rule", "component-frobenius", "--format",
            "html,csv", "--out", "two", "--json");
        Assert.Equal(0, report.Code);
        Assert.True(File.Exists(study["two/report.html"]));
        Assert.False(File.Exists(study["two/report.pdf"]));
        Assert.Equal(2, (await study.Ask("report", "build", "small", "--format", "docx")).Code);
    }

    [Fact]
    public async Task Killed_at_any_moment_or_stopped_by_Ctrl_C_it_goes_on_and_ends_with_the_same_numbers()
    {
        var (undisturbed, _) = await finished.CopyAsync();
        using var _ = undisturbed;
        using var disturbed = new SmallStudy();

        // Killed after the first run has ended: whatever else was going on then is cut off in the middle.
        using (var killed = disturbed.Start("study", "run", "study.yaml"))
        {
            await SayingAsync(killed, "[1/4]");
            killed.Kill();
            await Ldc.ExitAsync(killed);
        }
        await NobodyDrivesItAsync(disturbed);
        using (var stopped = disturbed.Start("study", "run", "study.yaml"))
        {
            await SayingAsync(stopped, "goes on where it stopped");
            await SignalAsync(stopped, "INT");
            var rest = stopped.StandardError.ReadToEndAsync(Cancelled);
            await Ldc.ExitAsync(stopped);
            Assert.True(stopped.ExitCode == 130, await rest);
        }
        var last = await disturbed.Ask("study", "run", "study.yaml", "--out", "results");

        Assert.True(last.Code == 0, last.Err);
        Assert.Contains("goes on where it stopped", last.Err, StringComparison.Ordinal);
        Assert.Equal(undisturbed.Numbers("results"), disturbed.Numbers("results"));
        var runs = (await disturbed.Ask("run", "list", "--json")).Json.EnumerateArray().ToList();
        Assert.Equal((await undisturbed.Ask("run", "list", "--json")).Json.EnumerateArray().Select(TokensOf), runs.Select(TokensOf));
        Assert.All(runs, run => Assert.Equal(run.GetProperty("seconds").GetDouble(),
            run.GetProperty("earlier_seconds").GetDouble() + run.GetProperty("attempt_seconds").GetDouble()));

        static (string?, long) TokensOf(JsonElement run) =>
            (run.GetProperty("role").GetString(), run.GetProperty("trained_tokens").GetInt64());
    }

    /// <summary>Said wherever one asks; the events say nothing of it.</summary>
    private static async Task NobodyDrivesItAsync(SmallStudy study)
    {
        var listed = Assert.Single((await study.Ask("study", "list", "--json")).Json.EnumerateArray().ToList());
        var shown = await study.Ask("study", "show", "small");
        var runs = (await study.Ask("run", "list", "--json")).Json.EnumerateArray().Select(StatusOf).ToList();
        var left = (await study.Ask("run", "list", "--status", "interrupted", "--json")).Json.EnumerateArray().ToList();

        Assert.Equal("interrupted", StatusOf(listed));
        Assert.Contains("small, interrupted: no process leads it", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("running", runs);
        Assert.Equal(runs.Count(s => s == "interrupted"), left.Count);
        if (left.Count > 0)
            Assert.Contains("interrupted: no living process has it",
                (await study.Ask("run", "show", left[0].GetProperty("id").GetString()![..8])).Out, StringComparison.Ordinal);

        static string StatusOf(JsonElement of) => of.GetProperty("status").GetString()!;
    }

    [Fact]
    public async Task A_second_terminal_can_look_on_and_passwords_of_the_settings_are_in_no_message_event_file_or_list_of_processes()
    {
        using var study = new SmallStudy();
        using var running = study.Start("study", "run", "study.yaml", "--out", "results", "--verbose");
        var (output, errors) = (running.StandardOutput.ReadToEndAsync(Cancelled), new List<string>());
        while (await running.StandardError.ReadLineAsync(Cancelled) is { } line)
        {
            errors.Add(line);
            if (line.Contains("submitted", StringComparison.Ordinal))
                await ASecondTerminalLooksOnAsync(study);
            if (!line.Contains("[1/4]", StringComparison.Ordinal))
                continue;
            var servers = Linux.Processes().Where(p => Linux.WorksBelow(p, study["data"])).ToList();
            Assert.NotEmpty(servers);
            Assert.DoesNotContain(servers, p => Linux.Read(p, "environ").Contains(SmallStudy.Secret, StringComparison.Ordinal));
            Assert.DoesNotContain(
                Linux.Processes(), p => Linux.Read(p, "cmdline").Contains(SmallStudy.Secret, StringComparison.Ordinal));
        }
        await Ldc.ExitAsync(running);
        Assert.True(running.ExitCode == 0, string.Join('\n', errors));

        var run = (await study.Ask("run", "list", "--json")).Json.EnumerateArray().First().GetProperty("id").GetString()!;
        var history = await study.Ask("run", "show", run, "--json", "--verbose");
        Assert.Contains("run_claimed", history.Out, StringComparison.Ordinal);
        foreach (var said in (string[])[await output, .. errors, history.Out, history.Err])
            Assert.DoesNotContain(SmallStudy.Secret, said, StringComparison.Ordinal);
        var secret = Encoding.UTF8.GetBytes(SmallStudy.Secret);
        foreach (var folder in (string[])["data", "results"])
            Assert.DoesNotContain(Directory.GetFiles(study[folder], "*", SearchOption.AllDirectories).Where(f => !f.Contains("/.s.PGSQL.")),
                f => File.ReadAllBytes(f).AsSpan().IndexOf(secret) >= 0);
    }

    private static async Task ASecondTerminalLooksOnAsync(SmallStudy study)
    {
        var listed = Assert.Single((await study.Ask("study", "list", "--json")).Json.EnumerateArray().ToList());
        var runs = (await study.Ask("run", "list", "--study", "small", "--json")).Json;
        Assert.Equal("running", listed.GetProperty("status").GetString());
        Assert.InRange(runs.GetArrayLength(), 2, 4);
    }

    [Fact]
    public async Task Runs_that_diverge_are_named_and_do_not_stop_the_others()
    {
        using var study = new SmallStudy("lora: { rank: 4, alpha: 1.0e+30 }");

        var run = await study.Ask("study", "run", "study.yaml", "--out", "results");

        Assert.Equal(1, run.Code);
        Assert.Contains("tiny-llama / math / all / seed 1 failed: The loss or the gradient of step", run.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Err, StringComparison.Ordinal);
        Assert.True(File.Exists(study["results/report.pdf"]));
        var failed = Assert.Single((await study.Ask("run", "list", "--status", "failed", "--json")).Json.EnumerateArray().ToList());
        Assert.Equal("all", failed.GetProperty("role").GetString());

        var id = failed.GetProperty("id").GetString()!;
        Assert.Contains($"ldc run retry {id[..8]}", run.Err, StringComparison.Ordinal);
        Assert.Equal(0, (await study.Ask("run", "retry", id[..8])).Code);
        var again = await study.Ask("study", "run", "study.yaml", "--out", "results");
        Assert.Equal(1, again.Code);
        Assert.Contains("1 of 2 runs is wanted again", again.Err, StringComparison.Ordinal);
        var stillFailed = (await study.Ask("run", "list", "--status", "failed", "--json")).Json.EnumerateArray().ToList();
        Assert.Equal(2, Assert.Single(stillFailed).GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task Fresh_starts_anew_and_the_newest_goes_on()
    {
        var (study, _) = await finished.CopyAsync();
        using var _ = study;

        var fresh = await study.Ask("study", "run", "study.yaml", "--fresh");
        var again = await study.Ask("study", "run", "study.yaml");
        var ids = (await study.Ask("study", "list", "--json")).Json.EnumerateArray().Select(s => s.GetProperty("id").GetString()!).ToList();

        Assert.True(fresh.Code == 0, fresh.Err);
        Assert.Equal(2, ids.Count);
        Assert.Contains($"study {ids[0]} submitted", fresh.Err, StringComparison.Ordinal);
        Assert.Contains($"study {ids[0]} is complete", again.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seeds: [1]\nfoo: 1", "study.yaml:11:1: unknown key 'foo'")]
    [InlineData("lora: { rank: 65 }", "study.yaml:10:15: lora.rank is 65, above min(in, out) = 64")]
    public async Task A_spec_that_cannot_run_is_refused_before_anything_is_recorded(string more, string message)
    {
        using var study = new SmallStudy(more);

        var run = await study.Ask("study", "run", "study.yaml");

        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Err, StringComparison.Ordinal);
    }

    /// <summary>Reads the process' messages until one of them holds the text.</summary>
    private static async Task SayingAsync(Process process, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Ldc.Limit);
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
            if (line.Contains(text, StringComparison.Ordinal))
                return;
        Assert.Fail($"It ended with code {process.ExitCode} and never said '{text}'.");
    }

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await Ldc.ExitAsync(kill);
    }
}
