using DevOps.Blazor.Access;
using DevOps.Blazor.Hosting;
using DevOps.Infrastructure;
using DevOps.Infrastructure.Persistence;
using Npgsql;

var builder = WebApplication.CreateBuilder(args);
builder.AddDevOpsPlatform();
var database = NpgsqlDataSource.Create(builder.Configuration.GetConnectionString("Default")
    ?? throw new InvalidOperationException("Set ConnectionStrings__Default."));

builder.Services
    .AddDevOpsInfrastructure(database)
    .AddDevOpsForwarding(builder.Configuration)
    .AddDevOpsSignIn()
    .AddDevOpsApi();
builder.AddDevOpsPages();

var app = builder.Build();
await app.Services.GetRequiredService<DatabaseMigrator>().RunAsync(CancellationToken.None);

// The order counts: who asks and over what, what every answer carries, who may, then the doors.
app.UseDevOpsForwarding();
app.UseDevOpsSecurityHeaders();
app.UseDevOpsPages();
app.UseDevOpsApi();
app.UseRouting();
app.UseRateLimiter();
app.UseAuthentication();
app.UseAuthorization();
app.UseDevOpsDocs();
app.MapOpenApi().AllowAnonymous();
app.MapDevOpsApi();
app.MapSignOut();
app.MapDevOpsPages();

await app.StartAsync();
await app.WelcomeFirstAdministratorAsync();
await app.WaitForShutdownAsync();
