//! The wasmtime engine and the compilation of components.

use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use wasmtime::component::Component;
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, OptLevel,
    PoolingAllocationConfig,
};

const MIB: usize = 1 << 20;

/// How many instances of components may live at a time, as on Spin.
const INSTANCES: u32 = 1000;

/// An engine that caches what it compiles in `cache_dir`.
pub fn build(cache_dir: Option<&Path>) -> Result<Engine> {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.cranelift_opt_level(OptLevel::Speed);
    if let Some(dir) = cache_dir {
        config.cache(Some(cache(dir)?));
    }
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&config).or_else(|error| {
        // The pool reserves terabytes of address space, which not every machine gives away.
        eprintln!("stoa-host: instances are not pooled: {error:#}");
        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
        Ok(Engine::new(&config)?)
    })
}

fn cache(dir: &Path) -> Result<Cache> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("cannot create the cache directory {}", dir.display()))?;
    let mut config = CacheConfig::new();
    // The cache insists on an absolute path.
    config.with_directory(std::path::absolute(dir)?);
    Ok(Cache::new(config)?)
}

/// Address space is reserved for every slot and memory used only by the slots in use.
fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(4 * INSTANCES)
        .total_memories(INSTANCES)
        .total_tables(2 * INSTANCES)
        .total_stacks(INSTANCES)
        // A composed component brings the modules, memories and tables of all its parts.
        .max_core_instances_per_component(200)
        .max_memories_per_component(32)
        .max_tables_per_component(64)
        .max_component_instance_size(10 * MIB)
        .max_core_instance_size(10 * MIB)
        .max_tables_per_module(2)
        .max_memories_per_module(2)
        .table_elements(100_000)
        .max_memory_size(4 << 30)
        // Clearing a little memory is cheaper than giving it back and faulting it in again.
        .linear_memory_keep_resident(MIB)
        .table_keep_resident(MIB / 4);
    pool
}

/// Compiles components, as many at a time as there are processors. `load` makes the bytes, so
/// that composition is spread as well. The results are in the order of `names`.
pub fn compile_all<N: AsRef<str> + Sync>(
    engine: &Engine,
    names: &[N],
    load: impl Fn(&str) -> Result<Vec<u8>> + Sync,
) -> Result<Vec<Component>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = Mutex::new(names.iter().enumerate());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(names.len()) {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().unwrap_or_else(|e| e.into_inner()).next();
                    let Some((index, name)) = taken else { break };
                    let name = name.as_ref();
                    let compiled = load(name)
                        .and_then(|bytes| Ok(Component::new(engine, bytes)?))
                        .with_context(|| format!("component {name:?}"));
                    let mut done = done.lock().unwrap_or_else(|e| e.into_inner());
                    done.push((index, compiled));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|e| e.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, compiled)| compiled).collect()
}
