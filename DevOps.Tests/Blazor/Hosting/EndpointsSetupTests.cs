using DevOps.Blazor.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace DevOps.Tests.Blazor.Hosting;

/// <summary>Endpoints that are put together once, whoever keeps a list of them.</summary>
public sealed class EndpointsSetupTests
{
    [Fact]
    public async Task Endpoints_are_put_together_once_for_all_who_keep_a_list()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddAuthorization();
        await using var app = builder.Build();
        var counted = new Counted();
        app.UseRouting();
        app.UseAuthorization();
        app.MapOnce(doors => doors.DataSources.Add(counted));
        await app.StartAsync();
        using var client = app.GetTestClient();

        Assert.Equal("open", await client.GetStringAsync(new Uri("/door", UriKind.Relative)));
        Assert.NotEmpty(app.Services.GetRequiredService<EndpointDataSource>().Endpoints);

        Assert.Equal(1, counted.Times);
    }

    private sealed class Counted : EndpointDataSource
    {
        public int Times { get; private set; }

        public override IReadOnlyList<Endpoint> Endpoints
        {
            get
            {
                Times++;
                return [new RouteEndpointBuilder(context => context.Response.WriteAsync("open"), RoutePatternFactory.Parse("/door"), order: 0).Build()];
            }
        }

        public override IChangeToken GetChangeToken() => new CancellationChangeToken(CancellationToken.None);
    }
}
