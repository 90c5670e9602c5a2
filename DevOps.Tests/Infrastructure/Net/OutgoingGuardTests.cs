using System.Net;
using System.Net.Sockets;
using System.Text;
using DevOps.Core.Pipeline.Ports;
using DevOps.Infrastructure.Deployments;
using DevOps.Infrastructure.Net;
using Microsoft.Extensions.Options;

namespace DevOps.Tests.Infrastructure.Net;

/// <summary>What a health check or a notification may be sent to.</summary>
public sealed class OutgoingGuardTests : IAsyncLifetime
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));
    private string _answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    private int _calls;
    private Task _serving = Task.CompletedTask;

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public Task InitializeAsync()
    {
        _server.Start();
        _serving = ServeAsync();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _server.Stop();
        await _serving;
        _limit.Dispose();
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://169.254.170.2/v2/credentials")]
    [InlineData("http://2852039166/")]
    [InlineData("http://0xA9FEA9FE/")]
    [InlineData("http://0251.0376.0251.0376/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://[64:ff9b::a9fe:a9fe]/")]
    [InlineData("http://[2002:a9fe:a9fe::1]/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[ff02::1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://100.100.100.200/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("http://255.255.255.255/")]
    public async Task Metadata_services_and_what_is_no_machine_are_refused(string url) =>
        Assert.Equal("this address must not be asked", (await AskAsync(Guard(), url)).Text.ToString());

    [Fact]
    public async Task Own_machine_is_asked_unless_a_setting_forbids_it()
    {
        Assert.True((await AskAsync(Guard(), $"http://127.0.0.1:{Port}/")).Good);
        Assert.False((await AskAsync(Guard(new OutgoingOptions { AllowLoopback = false }), $"http://127.0.0.1:{Port}/")).Good);
        Assert.Equal(1, _calls);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Endpoint_of_the_house_is_refused_under_every_name_of_this_machine(string host)
    {
        var guard = Guard();
        guard.Protect("127.0.0.1", Port);

        Assert.Equal("this address must not be asked", (await AskAsync(guard, $"http://{host}:{Port}/")).Text.ToString());
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task Database_is_known_by_its_address_also_when_its_name_is_another()
    {
        var guard = Guard(resolve: host => host is "database.internal" or "alias.example" ? [IPAddress.Parse("10.9.9.9")] : []);
        guard.Protect("database.internal", 5432);

        Assert.Equal("this address must not be asked", (await AskAsync(guard, "http://alias.example:5432/")).Text.ToString());
    }

    [Fact]
    public async Task Forbidden_networks_of_the_settings_are_refused()
    {
        var guard = Guard(new OutgoingOptions { Forbidden = ["127.0.0.0/8"] });

        Assert.Equal("this address must not be asked", (await AskAsync(guard, $"http://127.0.0.1:{Port}/")).Text.ToString());
    }

    [Fact]
    public async Task Name_is_resolved_once_so_that_a_second_answer_gains_nothing()
    {
        var asked = 0;
        var guard = Guard(resolve: _ => ++asked == 1 ? [IPAddress.Loopback] : [IPAddress.Parse("169.254.169.254")]);

        Assert.True((await AskAsync(guard, $"http://rebind.example:{Port}/")).Good);
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Of_several_addresses_only_those_that_may_be_asked_are_tried()
    {
        var guard = Guard(resolve: _ => [IPAddress.Parse("169.254.169.254"), IPAddress.Loopback]);

        Assert.True((await AskAsync(guard, $"http://both.example:{Port}/")).Good);
    }

    [Fact]
    public async Task Redirect_is_an_answer_and_not_followed()
    {
        _answer = $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{Port}/secret\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

        Assert.StartsWith("302", (await AskAsync(Guard(), $"http://127.0.0.1:{Port}/")).Text.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _calls);
    }

    private static OutgoingGuard Guard(OutgoingOptions? options = null, Func<string, IPAddress[]>? resolve = null) => resolve is null
        ? new OutgoingGuard(Options.Create(options ?? new OutgoingOptions()))
        : new OutgoingGuard(Options.Create(options ?? new OutgoingOptions()), (host, _) => Task.FromResult(resolve(host)));

    private async Task<HealthAnswer> AskAsync(OutgoingGuard guard, string url)
    {
        using var probe = new HttpHealthProbe(guard, TimeProvider.System);
        return await probe.AskAsync(url, TimeSpan.FromSeconds(20), _limit.Token);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _server.AcceptTcpClientAsync(_limit.Token);
                _calls++;
                var stream = client.GetStream();
                if (await stream.ReadAtLeastAsync(new byte[4096], 1, throwOnEndOfStream: false, _limit.Token) > 0)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(_answer), _limit.Token);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }
}
