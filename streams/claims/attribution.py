def cause_kind(text):
    t=(text or '').lower().replace('_',' ')
    if not t: return None
    for k,ws in (('war-damage',('shell','war','military action')),('power',('power','electric')),('cable',('cable',)),('disaster',('hurricane','disaster','storm','quake','weather','fire')),('attack',('attack',)),('maintenance',('mainten',)),('technical',('technical',)),('decision',('government','exam','protest','election','information control','violence','instability','order'))):
        if any(w in t for w in ws): return k
    return None
